//! Nearest neighbours, by an implicit k-d tree: the median point of a slice divides the others along one axis, and the
//! two halves are divided along the next one.

use super::node::NdArray;
use super::shape::ArrayShape;
use super::space::{Scope, Watch, room};
use crate::{Error, Result};
use rayon::prelude::*;

/// A point and its row.
type Row<const D: usize> = ([f64; D], u32);

/// For each query (a row) the rows of the `count` nearest points, the nearest first, and their distances. Of points at
/// the same distance the one with the smaller row comes first.
pub fn nearest(points: &NdArray, queries: &NdArray, count: usize) -> Result<(NdArray, NdArray)> {
    let (shape, asked) = (points.shape(), queries.shape());
    let (&[n, axes], &[m, other]) = (shape.dims(), asked.dims()) else {
        return Err(Error::script(format!("nearest points of shapes {shape} and {asked}"))
            .hint("points are rows: (n, 3), (n, 2) or (n, 1)"));
    };
    if axes != other {
        return Err(Error::script(format!("points have {axes} coordinates, those asked for have {other}")));
    }
    if count == 0 || count > n || u32::try_from(n).is_err() {
        return Err(Error::script(format!("the {count} nearest of {n} points")));
    }
    let (places, distances) = match axes {
        1 => search::<1>(points, queries, count)?,
        2 => search::<2>(points, queries, count)?,
        3 => search::<3>(points, queries, count)?,
        _ => {
            return Err(Error::script(format!("points of {axes} coordinates"))
                .hint("nearest points are found among points of one to three"));
        }
    };
    let result = if count == 1 { ArrayShape::line(m) } else { ArrayShape::new(&[m, count])? };
    Ok((NdArray::from_vec(result, places)?, NdArray::from_vec(result, distances)?))
}

fn search<const D: usize>(points: &NdArray, queries: &NdArray, count: usize) -> Result<(Vec<i64>, Vec<f64>)> {
    let rows = |array: &NdArray| -> Result<Vec<[f64; D]>> {
        let values = array.to_vec::<f64>()?;
        if let Some(bad) = values.iter().position(|x| !x.is_finite()) {
            return Err(Error::script(format!("a point is {} in row {}", values[bad], bad / D))
                .hint("points have finite coordinates"));
        }
        Ok(values.as_chunks::<D>().0.to_vec())
    };
    let Scope { space, watch, .. } = Scope::current();
    let mut items: Vec<Row<D>> = rows(points)?.into_iter().zip(0..).collect();
    let queries = rows(queries)?;
    let mut places = room::<i64>(queries.len() * count)?;
    let mut distances = room::<f64>(queries.len() * count)?;
    places.resize(queries.len() * count, 0);
    distances.resize(queries.len() * count, 0.0);
    watch.check()?;
    space.install(|| {
        divide(&mut items, 0, &watch);
        watch.check()?;
        let tree = &items;
        let outputs = places.par_chunks_mut(count).zip(distances.par_chunks_mut(count));
        outputs.zip(queries.par_iter()).with_min_len(64).try_for_each(|((places, distances), query)| {
            watch.check()?;
            let mut found = Vec::with_capacity(count + 1);
            look(tree, 0, query, count, &mut found);
            for ((place, distance), (squared, row)) in places.iter_mut().zip(distances).zip(found) {
                *place = i64::from(row);
                *distance = squared.sqrt();
            }
            Result::Ok(())
        })
    })?;
    Ok((places, distances))
}

/// Slices from which two threads divide the halves.
const SHARED: usize = 1 << 13;

/// Leaves an unusable tree where the work has to stop.
fn divide<const D: usize>(items: &mut [Row<D>], axis: usize, watch: &Watch) {
    if items.len() < 2 || items.len() >= SHARED && watch.stops() {
        return;
    }
    let middle = items.len() / 2;
    let (low, _, high) =
        items.select_nth_unstable_by(middle, |a, b| a.0[axis].total_cmp(&b.0[axis]).then(a.1.cmp(&b.1)));
    let next = (axis + 1) % D;
    if middle < SHARED {
        divide(low, next, watch);
        divide(high, next, watch);
    } else {
        rayon::join(|| divide(low, next, watch), || divide(high, next, watch));
    }
}

/// Adds the nearest points of a part of the tree to those that are found: squared distance and row, in order.
fn look<const D: usize>(items: &[Row<D>], axis: usize, query: &[f64; D], count: usize, found: &mut Vec<(f64, u32)>) {
    if items.is_empty() {
        return;
    }
    let middle = items.len() / 2;
    let (point, row) = &items[middle];
    let squared = point.iter().zip(query).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
    let at = found.partition_point(|&(d, r)| (d, r) < (squared, *row));
    if at < count {
        found.truncate(count - 1);
        found.insert(at, (squared, *row));
    }
    let next = (axis + 1) % D;
    let side = query[axis] - point[axis];
    let (near, far) =
        if side < 0.0 { (&items[..middle], &items[middle + 1..]) } else { (&items[middle + 1..], &items[..middle]) };
    look(near, next, query, count, found);
    // Points at the same distance count, too: the one with the smaller row comes first.
    if found.len() < count || found.last().is_some_and(|worst| side * side <= worst.0) {
        look(far, next, query, count, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::random;

    fn by_trying_all(points: &[f64], queries: &[f64], axes: usize, count: usize) -> Vec<i64> {
        let mut places = Vec::new();
        for query in queries.chunks_exact(axes) {
            let distance = |p: &[f64]| p.iter().zip(query).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
            let mut all: Vec<(f64, i64)> = points.chunks_exact(axes).map(distance).zip(0..).collect();
            all.sort_by(|a, b| a.partial_cmp(b).unwrap());
            places.extend(all[..count].iter().map(|(_, i)| *i));
        }
        places
    }

    /// Random points, and points on a grid, of which many are at the same distance or position.
    #[test]
    fn the_nearest_are_those_that_trying_all_finds() {
        for axes in 1..=3 {
            for whole in [false, true] {
                let make = |rows: usize, seed: u64| {
                    let values = random::uniform(ArrayShape::new(&[rows, axes]).unwrap(), 0.0, 5.0, seed).unwrap();
                    let values = values.to_vec::<f64>().unwrap();
                    values.into_iter().map(|x| if whole { x.floor() } else { x }).collect::<Vec<f64>>()
                };
                let (points, queries) = (make(700, 1), make(150, 2));
                let array = |v: &[f64]| {
                    NdArray::from_vec(ArrayShape::new(&[v.len() / axes, axes]).unwrap(), v.to_vec()).unwrap()
                };
                for count in [1, 2, 9] {
                    let (places, _) = nearest(&array(&points), &array(&queries), count).unwrap();
                    let found = places.to_vec::<i64>().unwrap();
                    assert_eq!(found, by_trying_all(&points, &queries, axes, count), "{axes} axes, {count}");
                }
            }
        }
    }
}
