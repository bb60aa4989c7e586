//! The nearest of many points.

use super::node::NdArray;
use super::shape::Shape;
use super::space::{Scope, room};
use crate::{Error, Result};
use kd_tree::{KdPoint, KdTree};
use rayon::prelude::*;

/// A point and its row.
type Row<const D: usize> = ([f64; D], u32);

/// For each query (a row) the rows of the `count` nearest points, the nearest first, and their distances. Of those
/// that are found at the same distance the one with the smaller row comes first.
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
    let result = if count == 1 { Shape::line(m) } else { Shape::new(&[m, count])? };
    Ok((NdArray::from_vec(result, places)?, NdArray::from_vec(result, distances)?))
}

fn search<const D: usize>(points: &NdArray, queries: &NdArray, count: usize) -> Result<(Vec<i64>, Vec<f64>)>
where
    [f64; D]: KdPoint<Scalar = f64>,
    <[f64; D] as KdPoint>::Dim: Send + Sync,
{
    let rows = |array: &NdArray| -> Result<Vec<[f64; D]>> {
        let values = array.to_vec::<f64>()?;
        if let Some(bad) = values.iter().position(|x| !x.is_finite()) {
            return Err(Error::script(format!("a point is {} in row {}", values[bad], bad / D))
                .hint("points have finite coordinates"));
        }
        Ok(values.as_chunks::<D>().0.to_vec())
    };
    let Scope { space, watch, .. } = Scope::current();
    let items: Vec<Row<D>> = rows(points)?.into_iter().zip(0..).collect();
    let queries = rows(queries)?;
    let mut places = room::<i64>(queries.len() * count)?;
    let mut distances = room::<f64>(queries.len() * count)?;
    places.resize(queries.len() * count, 0);
    distances.resize(queries.len() * count, 0.0);
    watch.check()?;
    space.install(|| {
        let tree = KdTree::par_build_by(items, |a, b, k| a.0[k].total_cmp(&b.0[k]));
        let outputs = places.par_chunks_mut(count).zip(distances.par_chunks_mut(count));
        outputs.zip(queries.par_iter()).with_min_len(64).try_for_each(|((places, distances), query)| {
            watch.check()?;
            let mut found = tree.nearests(query, count);
            found.sort_by(|a, b| a.squared_distance.total_cmp(&b.squared_distance).then(a.item.1.cmp(&b.item.1)));
            for ((place, distance), found) in places.iter_mut().zip(distances).zip(found) {
                *place = i64::from(found.item.1);
                *distance = found.squared_distance.sqrt();
            }
            Result::Ok(())
        })
    })?;
    Ok((places, distances))
}
