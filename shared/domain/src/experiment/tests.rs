//! Experiments of a few hundred people.

use std::collections::HashSet;

use proptest::{prelude::*, sample::subsequence};

use super::*;

const DAY: i64 = 86_400;

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + day * DAY).unwrap()
}

fn person(number: u64) -> AccountId {
    format!("0192f7a4-6f0e-7cc2-b3a1-{number:012x}").parse().unwrap()
}

fn title(number: u64) -> TitleId {
    format!("0192f7a4-6f0e-7cc2-b3a2-{number:012x}").parse().unwrap()
}

fn experiment(design: Design) -> Experiment {
    let experiment = testing::experiment(at(0));

    Experiment {
        experiment_id: "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11".parse().unwrap(),
        design,
        share_percent: 100,
        stop: StopRule {
            days: 28,
            ..experiment.stop
        },
        ..experiment
    }
}

fn exposure(experiment: &Experiment, account: u64, day: i64) -> Exposure {
    let titles = [Arm::Current, Arm::Challenger, Arm::Current, Arm::Challenger];
    let picks = titles.into_iter().zip(0..).map(|(arm, number)| Pick {
        title_id: title(number),
        arm,
    });

    Exposure {
        experiment_id: experiment.experiment_id,
        account_id: person(account),
        day: at(day).to_string(),
        shown_at: at(day),
        arm: None,
        titles: match experiment.design {
            Design::Split => vec![],
            Design::Interleaving => picks.collect(),
        },
    }
}

fn watched(account: u64, number: u64, day: i64) -> Interaction {
    Interaction {
        account_id: person(account),
        title_id: title(number),
        version: 1,
        at: at(day),
        watched_share: 0.9,
        liked: false,
        not_interested: false,
        territory: None,
    }
}

#[test]
fn the_draw_is_even_and_stable() {
    let split = Experiment {
        share_percent: 30,
        ..experiment(Design::Split)
    };
    let drawn: Vec<_> = (0..10_000).map(|number| split.assign(person(number))).collect();
    let of = |wanted: Option<Assignment>| drawn.iter().filter(|&&drawn| drawn == wanted).count();

    assert_eq!(split.assign(person(7)), split.clone().assign(person(7)));
    let part = 10_000 - of(None);
    assert!((2_800..3_200).contains(&part), "{part}");
    let current = of(Some(Assignment::Arm(Arm::Current)));
    assert!((1_350..1_650).contains(&current), "{current} of {part}");

    let next = Experiment {
        experiment_id: "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d12".parse().unwrap(),
        ..split.clone()
    };
    let both =
        (0..10_000).filter(|&number| split.assign(person(number)).is_some() && next.assign(person(number)).is_some());
    let both = both.count();
    assert!((750..1_050).contains(&both), "another experiment draws others: {both}");
}

#[test]
fn interleaving_gives_both_models_to_each_participant() {
    let experiment = experiment(Design::Interleaving);

    assert!((0..100).all(|number| experiment.assign(person(number)) == Some(Assignment::Interleaved)));
}

#[test]
fn a_better_challenger_wins_a_split() {
    let experiment = experiment(Design::Split);
    let mut measure = Measure::new(&experiment);
    (0..600).for_each(|number| measure.add_exposure(&exposure(&experiment, number, 1)));
    for number in 0..600 {
        let has_challenger = experiment.assign(person(number)) == Some(Assignment::Arm(Arm::Challenger));
        let titles = number % 3 + u64::from(has_challenger);
        (0..titles).for_each(|title| measure.add_interaction(&watched(number, title, 2)));
    }

    let early = measure.results(at(5));
    assert_eq!(
        (early.people_shown, early.people_measured),
        (600, 0),
        "their windows are open"
    );
    assert_eq!(experiment.verdict(&early), Verdict::Running);

    let results = measure.results(at(9));
    assert_eq!(results.people_measured, 600);
    assert_eq!(results.current.people + results.challenger.people, 600);
    let difference = results.difference.unwrap();
    assert!((difference.mean - 1.0).abs() < 0.2, "{difference:?}");
    assert_eq!(experiment.verdict(&results), Verdict::ChallengerWins);
}

#[test]
fn a_worse_challenger_loses_an_interleaving() {
    let experiment = experiment(Design::Interleaving);
    let mut measure = Measure::new(&experiment);
    (0..200).for_each(|number| measure.add_exposure(&exposure(&experiment, number, 1)));
    for number in 0..200 {
        // Each person watches both picks of the current model, and every second person one pick of the challenger.
        measure.add_interaction(&watched(number, 0, 2));
        measure.add_interaction(&watched(number, 2, 2));
        if number % 2 == 0 {
            measure.add_interaction(&watched(number, 1, 3));
        }
        // Neither model picked this title.
        measure.add_interaction(&watched(number, 99, 2));
    }

    let results = measure.results(at(8));
    assert_eq!((results.current.titles, results.challenger.titles), (400, 100));
    assert!((results.difference.unwrap().mean + 1.5).abs() < 1e-9);
    assert_eq!(experiment.verdict(&results), Verdict::CurrentWins);
}

#[test]
fn only_interactions_after_the_exposure_and_within_the_window_count() {
    let experiment = experiment(Design::Interleaving);
    let mut measure = Measure::new(&experiment);
    measure.add_exposure(&exposure(&experiment, 1, 1));
    measure.add_interaction(&watched(1, 0, 0));
    measure.add_interaction(&watched(1, 0, 9));
    measure.add_interaction(&watched(2, 0, 2));
    measure.add_interaction(&Interaction {
        watched_share: 0.4,
        ..watched(1, 0, 2)
    });
    measure.add_interaction(&Interaction {
        not_interested: true,
        ..watched(1, 1, 2)
    });
    assert_eq!(measure.results(at(20)).current.titles, 0);
    assert_eq!(measure.results(at(20)).challenger.titles, 0);

    measure.add_interaction(&watched(1, 0, 8));
    assert_eq!(measure.results(at(20)).current.titles, 1);
}

#[test]
fn a_title_that_was_dismissed_later_does_not_count() {
    let experiment = experiment(Design::Interleaving);
    let dismissed = Interaction {
        version: 2,
        not_interested: true,
        ..watched(1, 0, 3)
    };
    for order in [[0, 1], [1, 0]] {
        let interactions = [watched(1, 0, 2), dismissed.clone()];
        let mut measure = Measure::new(&experiment);
        measure.add_exposure(&exposure(&experiment, 1, 1));
        for index in order {
            measure.add_interaction(&interactions[index]);
        }
        assert_eq!(measure.results(at(20)).current.titles, 0);
    }

    let mut measure = Measure::new(&experiment);
    measure.add_exposure(&exposure(&experiment, 1, 1));
    measure.add_interaction(&watched(1, 0, 2));
    measure.add_interaction(&Interaction {
        at: at(9),
        ..dismissed.clone()
    });
    assert_eq!(
        measure.results(at(20)).current.titles,
        1,
        "after the window it is too late"
    );
}

#[test]
fn after_its_days_no_one_gets_the_challenger() {
    let experiment = experiment(Design::Split);

    assert!(experiment.assign_at(person(1), at(27)).is_some());
    assert_eq!(experiment.assign_at(person(1), at(28)), None);
}

#[test]
fn a_pick_belongs_to_the_model_that_picked_it_first() {
    let experiment = experiment(Design::Interleaving);
    let later = Exposure {
        titles: vec![Pick {
            title_id: title(0),
            arm: Arm::Challenger,
        }],
        ..exposure(&experiment, 1, 3)
    };
    for order in [[0, 1], [1, 0]] {
        let exposures = [exposure(&experiment, 1, 1), later.clone()];
        let mut measure = Measure::new(&experiment);
        for index in order {
            measure.add_exposure(&exposures[index]);
        }
        measure.add_interaction(&watched(1, 0, 4));
        assert_eq!(measure.results(at(20)).current.titles, 1);
    }
}

#[test]
fn an_experiment_ends_by_its_rule() {
    let experiment = experiment(Design::Interleaving);
    let mut results = Measure::new(&experiment).results(at(3));
    assert_eq!(experiment.verdict(&results), Verdict::Running);

    results.people_measured = 1_000;
    assert_eq!(experiment.verdict(&results), Verdict::NoDifference);
    results.people_measured = 30;
    results.difference = Some(Interval {
        mean: 2.0,
        low: 1.0,
        high: 3.0,
    });
    assert_eq!(
        experiment.verdict(&results),
        Verdict::Running,
        "too few people for a conclusion"
    );
    results.measured_at = at(28);
    assert_eq!(experiment.verdict(&results), Verdict::NoDifference);
    results.sample_ratio_mismatch = true;
    assert_eq!(experiment.verdict(&results), Verdict::SampleRatioMismatch);
}

#[test]
fn an_uneven_split_is_noticed() {
    let experiment = experiment(Design::Split);
    let mut measure = Measure::new(&experiment);
    let current = Some(Assignment::Arm(Arm::Current));
    let lost = |number: &u64| experiment.assign(person(*number)) == current || !number.is_multiple_of(3);
    (0..4_000)
        .filter(lost)
        .for_each(|number| measure.add_exposure(&exposure(&experiment, number, 1)));

    let results = measure.results(at(2));
    assert_eq!(
        experiment.verdict(&results),
        Verdict::SampleRatioMismatch,
        "before any window is over: {results:?}"
    );
}

#[test]
fn a_metric_is_read_by_its_earlier_name() {
    assert_eq!(serde_json::from_str::<Metric>("\"begun\"").unwrap(), Metric::Started);
    assert_eq!(serde_json::to_string(&Metric::Started).unwrap(), "\"started\"");
}

proptest! {
    /// The log holds every line at least once, in any order.
    #[test]
    fn order_and_repetition_change_nothing(
        again in subsequence((0..60usize).collect::<Vec<_>>(), 0..60),
        turn in 0..60usize,
        split in any::<bool>(),
    ) {
        let experiment = experiment(if split { Design::Split } else { Design::Interleaving });
        let exposures: Vec<_> = (0..60).map(|number| exposure(&experiment, number % 20, 1 + i64::try_from(number / 20).unwrap())).collect();
        let interactions: Vec<_> = (0..60).map(|number| watched(number % 20, number % 7, 2 + i64::try_from(number / 20).unwrap())).collect();
        let results = |order: &[usize]| {
            let mut measure = Measure::new(&experiment);
            for &index in order {
                measure.add_exposure(&exposures[index]);
            }
            for &index in order {
                measure.add_interaction(&interactions[index]);
            }
            measure.results(at(30))
        };

        let once: Vec<usize> = (0..60).collect();
        let mut shuffled = [again, once.clone()].concat();
        shuffled.rotate_left(turn);
        shuffled.reverse();

        prop_assert_eq!(results(&once), results(&shuffled));
        let people: HashSet<_> = exposures.iter().map(|exposure| exposure.account_id).collect();
        prop_assert_eq!(results(&once).people_measured as usize, people.len());
    }
}
