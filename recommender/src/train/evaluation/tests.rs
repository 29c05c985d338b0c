//! The evaluation measures on held-out data only.

use super::*;

const TITLES: u32 = 200;

fn day(day: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + day * 86_400).unwrap()
}

/// One title a day, in this order.
fn person(titles: impl IntoIterator<Item = u32>) -> Person {
    let observation = |(at, title)| Observation {
        title,
        territory: None,
        weight: 1.0,
        at: day(at),
    };
    let mut person: Person = (0..).zip(titles).map(observation).collect();
    person.sort_by_key(|observation| observation.title);
    person
}

fn with_evaluation<T>(people: &[Person], run: impl FnOnce(&Evaluation<'_>) -> T) -> T {
    let contents = vec![ContentVector::default(); TITLES as usize];
    let hyperparameters = Hyperparameters::parse(br#"{"dimensions":"8","iterations":"4"}"#).unwrap();
    let decay = Decay {
        half_life_days: 1_000.0,
        now: day(0),
    };
    run(&Evaluation {
        people,
        contents: &contents,
        hyperparameters: &hyperparameters,
        taste: decay,
        trend: decay,
    })
}

#[test]
fn held_out_people_are_not_trained_on_and_wanted_titles_are_not_known() {
    // Each person has titles of their own; every second one has too few observations to be held out.
    let people: Vec<Person> = (0..40u32)
        .map(|number| {
            let first = number * 5;
            let count = if number % 2 == 0 { 5 } else { 4 };
            person((first..first + count).rev())
        })
        .collect();
    with_evaluation(&people, |evaluation| {
        let (train, held_out) = evaluation.hold_out();
        assert_eq!((train.len(), held_out.len()), (38, 2), "every tenth of twenty");
        let trained_on: HashSet<u32> = train
            .iter()
            .copied()
            .flatten()
            .map(|observation| observation.title)
            .collect();
        for person in held_out {
            let newest = *person.known.iter().min().unwrap() - 1;
            assert_eq!((person.known.len(), &person.wanted), (4, &HashSet::from([newest])));
            assert!(
                person
                    .known
                    .iter()
                    .chain(&person.wanted)
                    .all(|title| !trained_on.contains(title))
            );
        }
    });
}

#[test]
fn a_time_split_does_not_see_the_future() {
    // The last title is the same for all people, and has no earlier viewers.
    let people: Vec<Person> = (0..60u32)
        .map(|number| {
            person(
                (0..9)
                    .map(|step| (number * 7 + step * 11) % (TITLES - 1))
                    .chain([TITLES - 1]),
            )
        })
        .collect();
    let later = with_evaluation(&people, |evaluation| evaluation.time_split().unwrap());
    assert_eq!(later.people, 60);
    assert!(later.ndcg_at_100 < 0.3, "{later:?}");
}

#[test]
fn known_titles_are_not_ranked_by_popularity() {
    let people: Vec<Person> = (0..30).map(|_| person([0, 1])).chain([person([0])]).collect();
    let held_out = [HeldOut {
        known: vec![0],
        wanted: HashSet::from([1]),
    }];
    let popular = with_evaluation(&people, |evaluation| {
        let train: Vec<&Person> = people.iter().collect();
        evaluation.popular(&train, &held_out, &vec![0.0; TITLES as usize])
    });
    assert!((popular.ndcg_at_100 - 1.0).abs() < 1e-12, "{popular:?}");
}

#[test]
fn cold_titles_are_not_trained_on() {
    let person = person(0..TITLES);
    assert_eq!(warm(&person).count(), 180, "every tenth is cold");
    assert!(warm(&person).all(|observation| !cold(observation.title)));
}
