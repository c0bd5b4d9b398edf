//! Finds a free place for a label near its point: not over lines, markers or other labels.

use super::scene::{Anchor, SMALL, Scene, Shape};
use crate::report::color::{Color, WHITE};

/// Left, top, right, bottom.
pub(super) type Area = (i32, i32, i32, i32);

/// What labels keep clear of.
#[derive(Default)]
pub(super) struct Obstacles {
    /// Other labels.
    pub(super) labels: Vec<Area>,
    pub(super) markers: Vec<Area>,
    /// Stretches of the lines.
    pub(super) stretches: Vec<[(i32, i32); 2]>,
    /// Heights of grid lines: over them rather than over anything else.
    pub(super) grid: Vec<i32>,
    /// Labels stay in here.
    pub(super) inside: Area,
}

/// Half the height of a number, and how far its middle is from the point.
const HALF: i32 = 11;
const NEAR: i32 = 29;

impl Obstacles {
    /// Sets a number near its point, above rather than below if `above`. `needed`: at the least
    /// bad place if none is free, else not at all.
    pub(super) fn set(
        &mut self,
        scene: &mut Scene,
        point: (i32, i32),
        (text, color): (&str, Color),
        (above, needed): (bool, bool),
    ) {
        let half = SMALL.width(text) / 2;
        let side = if above { -1 } else { 1 };
        let places = [
            (0, NEAR * side),
            (0, -NEAR * side),
            (half + 8, (NEAR - 5) * side),
            (-half - 8, (NEAR - 5) * side),
            (half + 8, (5 - NEAR) * side),
            (-half - 8, (5 - NEAR) * side),
            (half + 20, 0),
            (0, (NEAR + 18) * side),
            (0, (-NEAR - 18) * side),
            (0, (NEAR + 38) * side),
            (0, (-NEAR - 38) * side),
        ];
        let scored = places.iter().enumerate().map(|(i, (dx, dy))| {
            let center = (point.0 + dx, point.1 + dy);
            let area = (center.0 - half, center.1 - HALF, center.0 + half, center.1 + HALF);
            (self.cost(area) + i as i32, center, area)
        });
        let Some((cost, center, area)) = scored.min_by_key(|(cost, ..)| *cost) else { return };
        if needed || cost < FREE {
            scene.label(center, Anchor::Middle, SMALL, color, text);
            self.labels.push(area);
        }
    }

    fn cost(&self, area: Area) -> i32 {
        let (left, top, right, bottom) = area;
        let roomy = (left - 5, top - 4, right + 5, bottom + 4);
        let hit = |areas: &[Area]| areas.iter().filter(|a| overlap(**a, roomy)).count() as i32;
        let crossed = self.stretches.iter().filter(|s| crosses(**s, roomy)).count() as i32;
        let grid = self.grid.iter().filter(|y| (top..=bottom).contains(*y)).count() as i32;
        let inside = self.inside;
        let outside = left < inside.0 || top < inside.1 || right > inside.2 || bottom > inside.3;
        1000 * hit(&self.labels)
            + 400 * hit(&self.markers)
            + 200 * crossed
            + 2 * grid
            + if outside { 2000 } else { 0 }
    }

    /// White behind the labels, to be drawn over grid lines but under the lines.
    pub(super) fn backing(&self) -> impl Iterator<Item = Shape> {
        self.labels.iter().map(|&(left, top, right, bottom)| Shape::Rect {
            x: left - 4,
            y: top - 2,
            width: right - left + 8,
            height: bottom - top + 4,
            color: WHITE,
        })
    }
}

/// A cost below this hits nothing.
const FREE: i32 = 100;

pub(super) fn overlap(a: Area, b: Area) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

/// Does a stretch of line run through the area?
fn crosses([from, to]: [(i32, i32); 2], (left, top, right, bottom): Area) -> bool {
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
    let sides =
        [(-dx, from.0 - left), (dx, right - from.0), (-dy, from.1 - top), (dy, bottom - from.1)];
    for (toward, room) in sides {
        let room = f64::from(room);
        if toward == 0.0 {
            if room < 0.0 {
                return false;
            }
        } else if toward < 0.0 {
            enters = enters.max(room / toward);
        } else {
            leaves = leaves.min(room / toward);
        }
    }
    enters <= leaves
}

/// Spreads blocks of the given heights, wanted at these middles, so that none touches the next
/// and all stay between top and bottom; gives their middles in the order asked. Blocks that
/// crowd are moved to both sides alike.
pub(super) fn spread(wanted: &[(i32, i32)], (top, bottom): (i32, i32)) -> Vec<i32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&i| wanted[i].0);
    let mut stacks: Vec<Stack> = Vec::new();
    for i in order {
        let (middle, height) = wanted[i];
        let mut stack = Stack { members: vec![i], top: middle - height / 2, height };
        while let Some(above) = stacks.pop_if(|above| above.top + above.height > stack.top) {
            stack = above.joined(stack, wanted);
        }
        stacks.push(stack);
    }
    // Those at the edges push the others inwards.
    let mut free = top;
    for stack in &mut stacks {
        stack.top = stack.top.max(free);
        free = stack.top + stack.height;
    }
    let mut limit = bottom;
    for stack in stacks.iter_mut().rev() {
        stack.top = stack.top.min(limit - stack.height);
        limit = stack.top;
    }
    let mut middles = vec![0; wanted.len()];
    for stack in stacks {
        let mut at = stack.top;
        for i in stack.members {
            middles[i] = at + wanted[i].1 / 2;
            at += wanted[i].1;
        }
    }
    middles
}

/// Blocks one below the other.
struct Stack {
    members: Vec<usize>,
    top: i32,
    height: i32,
}

impl Stack {
    /// Both as one, where on average its members are nearest to where they are wanted.
    fn joined(mut self, below: Self, wanted: &[(i32, i32)]) -> Self {
        self.members.extend(below.members);
        self.height += below.height;
        let (mut passed, mut sum) = (0, 0);
        for &i in &self.members {
            let (middle, height) = wanted[i];
            sum += middle - height / 2 - passed;
            passed += height;
        }
        self.top = sum / self.members.len() as i32;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_crosses_what_it_runs_through() {
        let area = (10, 10, 20, 20);
        assert!(crosses([(0, 15), (30, 15)], area));
        assert!(crosses([(0, 0), (30, 30)], area));
        assert!(!crosses([(0, 25), (30, 25)], area));
        assert!(!crosses([(0, 0), (8, 30)], area));
        assert!(!crosses([(15, 0), (15, 5)], area));
    }

    #[test]
    fn blocks_are_spread_without_touching() {
        assert_eq!(spread(&[(50, 20), (56, 20), (15, 20)], (0, 100)), [43, 63, 15]);
        assert_eq!(spread(&[(12, 20), (12, 20), (30, 20)], (0, 100)), [10, 30, 50]);
        assert_eq!(spread(&[(95, 20), (98, 20)], (0, 100)), [70, 90]);
    }
}
