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
    Experiment {
        experiment_id: "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11".parse().unwrap(),
        name: "More dimensions".to_owned(),
        design,
        metric: Metric::Watched,
        share_percent: 100,
        stop: StopRule {
            people: 1_000,
            days: 28,
            window_days: 7,
        },
        current: "1f0c".to_owned(),
        challenger: "2a3b".to_owned(),
        started_at: at(0),
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
fn chance_decides_by_halves_and_always_the_same() {
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
fn everybody_who_takes_part_gets_both_where_models_take_turns() {
    let experiment = experiment(Design::Interleaving);

    assert!((0..100).all(|number| experiment.assign(person(number)) == Some(Assignment::Interleaved)));
}

#[test]
fn a_better_challenger_wins_between_people() {
    let experiment = experiment(Design::Split);
    let mut measure = Measure::new(&experiment);
    (0..600).for_each(|number| measure.shown(&exposure(&experiment, number, 1)));
    for number in 0..600 {
        let challenged = experiment.assign(person(number)) == Some(Assignment::Arm(Arm::Challenger));
        let titles = number % 3 + u64::from(challenged);
        (0..titles).for_each(|title| measure.did(&watched(number, title, 2)));
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
fn a_worse_challenger_loses_where_models_take_turns() {
    let experiment = experiment(Design::Interleaving);
    let mut measure = Measure::new(&experiment);
    (0..200).for_each(|number| measure.shown(&exposure(&experiment, number, 1)));
    for number in 0..200 {
        // Of the current model's picks both, of the challenger's every second time one.
        measure.did(&watched(number, 0, 2));
        measure.did(&watched(number, 2, 2));
        if number % 2 == 0 {
            measure.did(&watched(number, 1, 3));
        }
        // Nobody picked this one.
        measure.did(&watched(number, 99, 2));
    }

    let results = measure.results(at(8));
    assert_eq!((results.current.titles, results.challenger.titles), (400, 100));
    assert!((results.difference.unwrap().mean + 1.5).abs() < 1e-9);
    assert_eq!(experiment.verdict(&results), Verdict::CurrentWins);
}

#[test]
fn only_what_comes_after_within_the_window_and_is_meant_counts() {
    let experiment = experiment(Design::Interleaving);
    let mut measure = Measure::new(&experiment);
    measure.shown(&exposure(&experiment, 1, 1));
    measure.did(&watched(1, 0, 0));
    measure.did(&watched(1, 0, 9));
    measure.did(&watched(2, 0, 2));
    measure.did(&Interaction {
        watched_share: 0.4,
        ..watched(1, 0, 2)
    });
    measure.did(&Interaction {
        not_interested: true,
        ..watched(1, 1, 2)
    });
    assert_eq!(measure.results(at(20)).current.titles, 0);
    assert_eq!(measure.results(at(20)).challenger.titles, 0);

    measure.did(&watched(1, 0, 8));
    assert_eq!(measure.results(at(20)).current.titles, 1);
}

#[test]
fn what_was_taken_back_does_not_count() {
    let experiment = experiment(Design::Interleaving);
    let against = Interaction {
        version: 2,
        not_interested: true,
        ..watched(1, 0, 3)
    };
    for order in [[0, 1], [1, 0]] {
        let deeds = [watched(1, 0, 2), against.clone()];
        let mut measure = Measure::new(&experiment);
        measure.shown(&exposure(&experiment, 1, 1));
        for index in order {
            measure.did(&deeds[index]);
        }
        assert_eq!(measure.results(at(20)).current.titles, 0);
    }

    let mut measure = Measure::new(&experiment);
    measure.shown(&exposure(&experiment, 1, 1));
    measure.did(&watched(1, 0, 2));
    measure.did(&Interaction {
        at: at(9),
        ..against.clone()
    });
    assert_eq!(
        measure.results(at(20)).current.titles,
        1,
        "after the window it is too late"
    );
}

#[test]
fn after_its_days_nobody_gets_the_challenger() {
    let experiment = experiment(Design::Split);

    assert!(experiment.assign_at(person(1), at(27)).is_some());
    assert_eq!(experiment.assign_at(person(1), at(28)), None);
}

#[test]
fn a_pick_is_whose_it_was_first() {
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
            measure.shown(&exposures[index]);
        }
        measure.did(&watched(1, 0, 4));
        assert_eq!(measure.results(at(20)).current.titles, 1);
    }
}

#[test]
fn it_ends_by_its_rule() {
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
        "too few to say anything"
    );
    results.measured_at = at(28);
    assert_eq!(experiment.verdict(&results), Verdict::NoDifference);
    results.sample_ratio_mismatch = true;
    assert_eq!(experiment.verdict(&results), Verdict::SampleRatioMismatch);
}

#[test]
fn halves_that_are_none_are_noticed() {
    let experiment = experiment(Design::Split);
    let mut measure = Measure::new(&experiment);
    let current = Some(Assignment::Arm(Arm::Current));
    let lost = |number: &u64| experiment.assign(person(*number)) == current || !number.is_multiple_of(3);
    (0..4_000)
        .filter(lost)
        .for_each(|number| measure.shown(&exposure(&experiment, number, 1)));

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
    fn order_and_repetition_mean_nothing(
        again in subsequence((0..60usize).collect::<Vec<_>>(), 0..60),
        turn in 0..60usize,
        split in any::<bool>(),
    ) {
        let experiment = experiment(if split { Design::Split } else { Design::Interleaving });
        let exposures: Vec<_> = (0..60).map(|number| exposure(&experiment, number % 20, 1 + i64::try_from(number / 20).unwrap())).collect();
        let deeds: Vec<_> = (0..60).map(|number| watched(number % 20, number % 7, 2 + i64::try_from(number / 20).unwrap())).collect();
        let results = |order: &[usize]| {
            let mut measure = Measure::new(&experiment);
            for &index in order {
                measure.shown(&exposures[index]);
            }
            for &index in order {
                measure.did(&deeds[index]);
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
