//! Compares the solver with a dense solution that is too slow for production.

use faer::{Mat, Side, linalg::solvers::Solve as _};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

use super::*;

prop_compose! {
    /// At most 12 people and 15 titles; weights from 0.1 to 5.
    fn any_interactions()(titles in 1usize..15)(
        rows in prop::collection::vec(prop::collection::btree_map(0..u32::try_from(titles).unwrap(), 0.1f64..5.0, 0..=titles), 1..12),
        titles in Just(titles),
    ) -> Interactions<f64> {
        Interactions::from_weighted_rows(titles, rows.into_iter().map(|row| row.into_iter().collect()).collect())
    }
}

prop_compose! {
    fn any_hyperparameters(dimensions: std::ops::Range<usize>)(
        dimensions in dimensions,
        unobserved_weight in 0.01f64..1.0,
        regularization in 0.05f64..1.0,
        frequency_exponent in 0.0f64..=1.0,
        seed in any::<u64>(),
    ) -> Hyperparameters {
        Hyperparameters {
            dimensions, iterations: 4, unobserved_weight, regularization, frequency_exponent, initial_spread: 0.5, seed,
        }
    }
}

/// The row that minimises the loss while `titles` stay fixed: the normal equations as the papers write them.
fn exact_row(titles: &Factors<f64>, row: Row<'_, f64>, with: &Hyperparameters) -> Vec<f64> {
    let size = titles.dimensions();
    let strength = with.regularization
        * (to_f64(row.len()) + with.unobserved_weight * to_f64(titles.rows())).powf(with.frequency_exponent);
    let mut left = Mat::<f64>::identity(size, size) * faer::Scale(strength);
    let mut right = Mat::<f64>::zeros(size, 1);
    for title in 0..titles.rows() {
        let h = titles.row(title);
        let weight = row
            .iter()
            .find(|(index, _)| *index == title)
            .map_or(0.0, |(_, weight)| weight);
        for (one, &a) in h.iter().enumerate() {
            right[(one, 0)] += weight * a;
            for (other, &b) in h.iter().enumerate() {
                left[(one, other)] += (weight + with.unobserved_weight) * a * b;
            }
        }
    }
    let solved = left.llt(Side::Lower).unwrap().solve(right);
    (0..size).map(|row| solved[(row, 0)]).collect()
}

fn furthest(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| (left - right).abs())
        .fold(0.0, f64::max)
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}

proptest! {
    #[test]
    fn half_steps_converge_to_the_exact_solution(people in any_interactions(), with in any_hyperparameters(1..40)) {
        let mut titles = Factors::random(people.columns(), with.dimensions, 1.0, (with.seed, 7));
        let mut found = Factors::random(people.rows(), with.dimensions, 1.0, (with.seed, 8));
        let step = HalfStep::new(&people, &mut titles, &mut found, with.regularization());
        for _ in 0..1000 {
            step.solve(&mut found);
        }

        for person in 0..people.rows() {
            let exact = exact_row(&titles, people.row(person), &with);
            prop_assert!(furthest(found.row(person), &exact) < 1e-6, "{:?} is not {exact:?}", found.row(person));
        }
    }

    #[test]
    fn a_few_half_steps_come_close(people in any_interactions(), with in any_hyperparameters(1..40)) {
        let mut titles = Factors::random(people.columns(), with.dimensions, 1.0, (with.seed, 7));
        let mut found = Factors::zero(people.rows(), with.dimensions);
        let step = HalfStep::new(&people, &mut titles, &mut found, with.regularization());
        for _ in 0..16 {
            step.solve(&mut found);
        }

        for person in 0..people.rows() {
            let exact = exact_row(&titles, people.row(person), &with);
            let size = exact.iter().map(|number| number.abs()).fold(0.0, f64::max);
            prop_assert!(furthest(found.row(person), &exact) <= size * 0.1, "{:?} is not {exact:?}", found.row(person));
        }
    }

    #[test]
    fn rotating_both_sides_changes_no_product(people in any_interactions(), with in any_hyperparameters(1..40)) {
        let factors = |rows, stream| Factors::<f64>::random(rows, with.dimensions, 1.0, (with.seed, stream));
        let (titles, rows) = (factors(people.columns(), 7), factors(people.rows(), 8));
        let (mut rotated_titles, mut rotated) = (titles.clone(), rows.clone());
        let axes = gramian::Axes::new(&titles);
        axes.rotate(&mut rotated_titles);
        axes.rotate(&mut rotated);

        let product = |left: &[f64], right: &[f64]| left.iter().zip(right).map(|(left, right)| left * right).sum::<f64>();
        for (title, person) in (0..titles.rows()).flat_map(|title| (0..rows.rows()).map(move |person| (title, person))) {
            let (before, after) = (
                product(titles.row(title), rows.row(person)),
                product(rotated_titles.row(title), rotated.row(person)),
            );
            prop_assert!((before - after).abs() < 1e-9, "{before} became {after}");
        }
        let between = gramian::product(&rotated_titles);
        for (row, column) in (0..with.dimensions).flat_map(|row| (0..row).map(move |column| (row, column))) {
            prop_assert!(between[(row, column)].abs() < 1e-9);
        }
    }

    #[test]
    fn folding_in_is_exact(people in any_interactions(), with in any_hyperparameters(1..40)) {
        let titles = Factors::random(people.columns(), with.dimensions, 1.0, (with.seed, 7));
        let fold_in = FoldIn::new(&titles, with.regularization());
        for person in 0..people.rows() {
            let row = people.row(person);
            let found = fold_in.solve(row.iter().map(|(title, weight)| (titles.row(title), weight)));
            prop_assert!(furthest(&found, &exact_row(&titles, row, &with)) < 1e-6);
        }
    }

    #[test]
    fn the_loss_falls(people in any_interactions(), with in any_hyperparameters(1..40)) {
        let mut training = Training::new(&people, with);
        let mut before = training.loss();
        for _ in 0..with.iterations {
            training.iterate();
            let after = training.loss();
            prop_assert!(after <= before * (1.0 + 1e-12), "{before} became {after}");
            before = after;
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_whatever_the_threads(people in any_interactions(), with in any_hyperparameters(1..40)) {
        let run = |threads| on_threads(threads, || Training::new(&people, with).run());
        let (one, two) = (run(1), run(2));
        prop_assert_eq!(one.people.numbers(), two.people.numbers());
        prop_assert_eq!(one.titles.numbers(), two.titles.numbers());
    }

    #[test]
    fn transposing_twice_changes_nothing(people in any_interactions()) {
        prop_assert_eq!(people.transposed().transposed(), people);
    }
}

#[test]
fn the_loss_is_what_the_papers_say() {
    let people = Interactions::from_weighted_rows(3, vec![vec![(0, 2.0), (2, 1.0)], vec![]]);
    let with = Hyperparameters {
        dimensions: 2,
        iterations: 1,
        unobserved_weight: 0.5,
        regularization: 0.25,
        frequency_exponent: 1.0,
        initial_spread: 1.0,
        seed: 1,
    };
    let factors = Factorization {
        people: Factors::from_rows(2, &[1.0, 0.5, 0.0, 2.0]),
        titles: Factors::from_rows(2, &[1.0, 0.0, 0.0, 1.0, 0.5, 0.5]),
    };
    // ŷ of the first: 1, 0.5, 0.75; of the second: 0, 2, 1.
    let observed = 2.0 * 0.0 + 1.0 * 0.25 * 0.25;
    let everything = 0.5 * (1.0 + 0.25 + 0.5625 + 0.0 + 4.0 + 1.0);
    let people_size = 0.25 * ((2.0 + 1.5) * 1.25 + (0.0 + 1.5) * 4.0);
    let titles_size = 0.25 * ((1.0 + 1.0) * 1.0 + (0.0 + 1.0) * 1.0 + (1.0 + 1.0) * 0.5);

    let found = loss(&people, &people.transposed(), &factors, &with);

    assert!(
        (found - (observed + everything + people_size + titles_size)).abs() < 1e-12,
        "{found}"
    );
}

#[test]
fn single_precision_reaches_the_same_loss() {
    let rows: Vec<Vec<u32>> = (0..200u32)
        .map(|person| (0..40).filter(|title| (title * 7 + person * 3) % 11 < 3).collect())
        .collect();
    let with = Hyperparameters {
        dimensions: 20,
        iterations: 10,
        unobserved_weight: 0.1,
        regularization: 0.01,
        frequency_exponent: 1.0,
        initial_spread: 0.1,
        seed: 3,
    };
    let (single, double) = (
        Interactions::<f32>::from_rows(40, &rows),
        Interactions::<f64>::from_rows(40, &rows),
    );
    let mut single = Training::new(&single, with);
    let mut double = Training::new(&double, with);
    for _ in 0..with.iterations {
        single.iterate();
        double.iterate();
    }
    assert!(
        (single.loss() / double.loss() - 1.0).abs() < 1e-3,
        "{} is not {}",
        single.loss(),
        double.loss()
    );
}
