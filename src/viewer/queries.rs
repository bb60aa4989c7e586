//! Ray queries of the viewer, from the question to the engine's answer.

use super::actions::Effect;
use crate::device::Ray;
use crate::engine::Control;
use crate::scene::Scene;
use std::collections::HashMap;
use std::sync::Arc;

/// What the answer is for.
pub(super) enum Purpose {
    /// An effect on what is under the pointer.
    Pointer { effect: Effect, ray: Ray },
    /// The channel of ids.
    Ids,
}

pub(super) struct Query {
    pub purpose: Purpose,
    /// The scene that the rays were made for.
    pub scene: Arc<Scene>,
}

/// The queries without an answer yet, by id.
#[derive(Default)]
pub(super) struct Queries {
    pending: HashMap<u64, Query>,
    next: u64,
}

impl Queries {
    pub fn ask(&mut self, purpose: Purpose, scene: Arc<Scene>, rays: Vec<Ray>) -> Control {
        let id = self.next;
        self.next += 1;
        self.pending.insert(id, Query { purpose, scene });
        Control::Pick { id, rays }
    }

    /// The query with this id, which has been answered.
    pub fn answered(&mut self, id: u64) -> Option<Query> {
        self.pending.remove(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_finds_its_query_once() {
        let mut queries = Queries::default();
        let mut ids = [(); 2].map(|()| match queries.ask(Purpose::Ids, Arc::default(), Vec::new()) {
            Control::Pick { id, .. } => id,
            _ => panic!("a query is a command"),
        });
        ids.reverse();
        for id in ids {
            assert!(queries.answered(id).is_some());
            assert!(queries.answered(id).is_none(), "answered once");
        }
    }
}
