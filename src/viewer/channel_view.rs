//! The image to show: the latest frame, in the channel that the user has selected.

use super::channel::{self, ChannelSource, ImageChannel};
use super::queries::{Purpose, Queries};
use crate::device::Hit;
use crate::engine::Control;
use crate::frame::Frame;
use crate::scene::Scene;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct ChannelView {
    frame: Option<Arc<Frame>>,
    channel: ImageChannel,
    /// The scene whose first hits were requested last, for the channel of ids.
    ids_of: Option<Arc<Scene>>,
}

impl ChannelView {
    /// Takes the latest frame.
    pub fn set_frame(&mut self, frame: Arc<Frame>) {
        self.frame = Some(frame);
    }

    /// Size of the latest frame.
    pub fn size(&self) -> Option<(u32, u32)> {
        self.frame.as_ref().map(|frame| (frame.width, frame.height))
    }

    /// Selects the next channel, or the previous one.
    pub fn next_channel(&mut self, back: bool) -> (Control, &'static str) {
        let steps = if back { ImageChannel::ALL.len() - 1 } else { 1 };
        self.channel = (0..steps).fold(self.channel, |channel, _| channel.next());
        self.ids_of = None;
        (Control::Guides(self.channel.source() == ChannelSource::Guides), self.channel.name())
    }

    /// The image to show; `None` before the first frame, and as long as data for the channel are missing, which have been
    /// requested.
    pub fn image(&self) -> Option<Arc<Frame>> {
        let frame = self.frame.as_ref()?;
        match self.channel.source() {
            ChannelSource::Image => Some(frame.clone()),
            ChannelSource::Guides => {
                let rgba8 = channel::guided(self.channel, frame.guides.as_ref()?)?;
                Some(Arc::new(Frame { rgba8, width: frame.width, height: frame.height, ..Frame::default() }))
            }
            ChannelSource::Hits => None,
        }
    }

    /// The query for the channel of ids, if that is selected, unless it was made for this scene, that of the latest frame,
    /// already.
    pub fn ask(&mut self, scene: &Arc<Scene>, queries: &mut Queries) -> Option<Control> {
        let is_known = self.ids_of.as_ref().is_some_and(|known| Arc::ptr_eq(known, scene));
        if self.channel.source() != ChannelSource::Hits || self.frame.is_none() || is_known {
            return None;
        }
        self.ids_of = Some(scene.clone());
        Some(queries.ask(Purpose::Ids, scene.clone(), channel::rays(&scene.view(), scene.size)))
    }

    /// The image of the answer to that query; `None` if another one was made since.
    pub fn of_hits(&self, scene: &Arc<Scene>, hits: &[Option<Hit>]) -> Option<Arc<Frame>> {
        self.ids_of.as_ref().filter(|known| Arc::ptr_eq(known, scene))?;
        let (width, height) = scene.size;
        Some(Arc::new(Frame { rgba8: channel::ids(hits), width, height, ..Frame::default() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Guides;

    fn frame(guides: Option<Guides>) -> Arc<Frame> {
        Arc::new(Frame { width: 2, height: 1, rgba8: vec![9; 8], guides, ..Frame::default() })
    }

    /// A view in this channel.
    fn in_channel(wanted: ImageChannel) -> ChannelView {
        let mut view = ChannelView::default();
        while view.channel != wanted {
            view.next_channel(false);
        }
        view
    }

    #[test]
    fn channels_are_shown_when_their_data_are_there() {
        assert!(ChannelView::default().image().is_none(), "no frame yet");
        let mut view = ChannelView::default();
        view.set_frame(frame(None));
        assert_eq!((view.image().unwrap(), view.size()), (frame(None), Some((2, 1))));
        let (command, name) = view.next_channel(false);
        assert!(matches!(command, Control::Guides(true)) && name == "albedo");
        assert!(view.image().is_none(), "this frame was developed without auxiliary buffers");
        view.set_frame(frame(Some(Guides::of_nothing(2, 1))));
        assert_eq!(view.image().unwrap().rgba8, [0, 0, 0, 255, 0, 0, 0, 255]);
        let (command, name) = view.next_channel(true);
        assert!(matches!(command, Control::Guides(false)) && name == "image");
        assert_eq!(view.image().unwrap().rgba8, [9; 8]);
    }

    #[test]
    fn ids_are_requested_once_for_each_scene_and_shown_for_the_latest() {
        let mut queries = Queries::default();
        let scenes = [(); 2].map(|()| Arc::new(Scene { size: (2, 1), ..Scene::default() }));
        let mut view = in_channel(ImageChannel::Albedo);
        view.set_frame(frame(None));
        assert!(view.ask(&scenes[0], &mut queries).is_none(), "another channel");
        let mut view = in_channel(ImageChannel::Ids);
        assert!(view.ask(&scenes[0], &mut queries).is_none(), "no frame yet");
        view.set_frame(frame(None));
        for scene in &scenes {
            let Some(Control::Pick { rays, .. }) = view.ask(scene, &mut queries) else { panic!("a query") };
            assert_eq!(rays.len(), 2, "one for each pixel");
            assert!(view.ask(scene, &mut queries).is_none(), "once");
        }
        assert!(view.of_hits(&scenes[0], &[None; 2]).is_none(), "the scene of before");
        assert_eq!(view.of_hits(&scenes[1], &[None; 2]).unwrap().rgba8, [0, 0, 0, 255, 0, 0, 0, 255]);
        view.next_channel(false);
        assert!(view.of_hits(&scenes[1], &[None; 2]).is_none(), "another channel was selected");
    }
}
