//! What the user's input does.

use super::actions::{self, Action};
use super::{Viewer, navigate, saves};
use crate::Result;
use crate::engine::Control;
use crate::output::{Input, Key, PanelId, Stroke};
use glam::Vec2;

/// A step of the arrow keys, as a fraction of the image's height dragged: 5 degrees.
const ORBIT_STEP: f32 = 5.0 / 180.0;

impl Viewer<'_> {
    /// Handles an input; returns true if the screen is to be closed.
    pub(super) fn input(&mut self, input: Input) -> Result<bool> {
        match input {
            Input::Close => return Ok(true),
            Input::Resize(width, height) => self.engine.control(Control::Resize(width, height)),
            Input::Image { gesture, area } => {
                let command = self.pointer.gesture(gesture, area, &mut self.queries);
                self.send(command);
            }
            Input::Panel { id: PanelId::Sliders, row, share, pressed } => {
                let change = self.sliders.pointed(row, share, pressed);
                self.tune(change);
            }
            Input::Panel { .. } => {}
            Input::Key(stroke) => {
                if self.sliders.is_open() && self.slider_key(stroke) {
                    return Ok(false);
                }
                if let Some(action) = actions::action(stroke) {
                    return self.perform(action);
                }
            }
        }
        Ok(false)
    }

    /// Handles a key with another meaning while the parameters are shown; returns true if it has one.
    fn slider_key(&mut self, stroke: Stroke) -> bool {
        let shift = stroke.modifiers.shift;
        let many = if shift { 10.0 } else { 1.0 };
        match stroke.key {
            Key::Up => self.sliders.choose(-1),
            Key::Down => self.sliders.choose(1),
            Key::Left => self.tune(self.sliders.stepped(-many)),
            Key::Right => self.tune(self.sliders.stepped(many)),
            Key::Backspace => self.tune(self.sliders.reset()),
            Key::S if !shift => match self.sliders.save(&self.params_file) {
                Ok(note) => self.messages.report(note),
                Err(error) => self.messages.fault(&error, "the parameters are not saved"),
            },
            _ => return false,
        }
        true
    }

    fn tune(&mut self, change: Option<(String, String)>) {
        if let Some(change) = change {
            self.sliders.expect(&change);
            self.engine.control(Control::Tune(vec![change]));
        }
    }

    /// Performs an action; returns true if the screen is to be closed.
    fn perform(&mut self, action: Action) -> Result<bool> {
        match action {
            Action::TogglePause => self.engine.control(Control::TogglePause),
            Action::Step => self.engine.control(Control::Step),
            Action::Restart => self.engine.control(Control::Restart),
            Action::SaveImage => {
                if let Some(image) = self.screen.shown() {
                    self.saves.start(image.clone());
                }
            }
            Action::SaveStill => {
                let command = self.still.start(self.channel.size());
                self.send(command);
            }
            Action::ToggleDenoiser => {
                let change = self.overrides.next_denoiser();
                self.change(change);
            }
            Action::Expose(factor) => {
                let change = self.overrides.multiply_exposure(factor);
                self.change(change);
            }
            Action::ScriptExposure => {
                let change = self.overrides.set_exposure(1.0);
                self.change(change);
            }
            Action::Channel { back } => {
                let (command, name) = self.channel.next_channel(back);
                self.change((command, name.into()));
                self.update_image()?;
            }
            Action::LookAlong(axis) => {
                let command = self.pointer.look(|camera| navigate::look_along(camera, axis));
                self.change((command, format!("from {}", axis.name())));
            }
            Action::Fit => {
                let command = self.pointer.fit();
                self.send(command);
            }
            Action::ScriptCamera => {
                let command = self.pointer.give_back();
                self.change((command, "the script's camera".into()));
            }
            Action::PrintCall => self.messages.result(self.pointer.call()),
            Action::SaveCamera => match saves::save_text(&self.call_file, &format!("{}\n", self.pointer.call())) {
                Ok(note) => self.messages.report(note),
                Err(error) => self.messages.fault(&error, "the call is not saved"),
            },
            Action::Orbit(right, up) => {
                let way = Vec2::new(right, up) * ORBIT_STEP;
                let command = self.pointer.look(|camera| navigate::orbit(camera, way, Vec2::ONE));
                self.engine.control(command);
            }
            Action::Dolly(way) => {
                let command = self.pointer.look(|camera| navigate::dolly(camera, way));
                self.engine.control(command);
            }
            Action::Roll(degrees) => {
                let command = self.pointer.look(|camera| navigate::roll(camera, degrees.to_radians()));
                self.engine.control(command);
            }
            Action::Mirror(across, down) => self.screen.mirror((across, down)),
            Action::Help => self.panels.next_help(),
            Action::Stats => self.panels.toggle_stats(),
            Action::Sliders => self.sliders.toggle(),
            Action::Close => return Ok(!self.close_something()),
        }
        Ok(false)
    }

    /// Makes a change, and shows a note on it.
    fn change(&mut self, (command, note): (Control, String)) {
        self.engine.control(command);
        self.messages.note(note);
    }

    /// Closes or cancels the first thing that is open; returns false if there is none.
    fn close_something(&mut self) -> bool {
        if let Some(command) = self.still.cancel() {
            self.engine.control(command);
            return true;
        }
        self.panels.close_help() || self.sliders.close() || self.pointer.deselect()
    }
}
