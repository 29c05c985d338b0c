use proptest::prelude::*;

use super::*;
use crate::ladder::LadderPolicy;
use crate::ladder::tests::source;
use crate::source::SourceFacts;

fn quote(source: &SourceFacts) -> Quote {
    PriceTable::shipped()
        .unwrap()
        .quote(&Plan::new(source, LadderPolicy::default()))
}

#[test]
fn a_minute_of_720p_is_the_sum_of_its_outputs() {
    let quote = quote(&source(1280, 720));
    // HD counts twice, three SD rungs once each, audio 0.4, stills once: 6.4 normalized minutes at $0.0075. The job's clipping allows
    // one second more.
    let factors: Vec<_> = quote.lines.iter().map(|line| line.multiplier_milli).collect();
    assert_eq!(factors, [2000, 1000, 1000, 1000, 400, 1000]);
    assert_eq!(quote.amount_micros, MicroDollars(48_800));
    assert_eq!(quote.lines[0].what, "video 1280x720 at 24 frames/s");
    assert_eq!(quote.lines[0].minutes_milli, 1017);
    assert!(
        quote.unverified,
        "the shipped multipliers were not read from an AWS page"
    );
}

#[test]
fn up_to_thirty_frames_a_second_cost_half_of_up_to_sixty() {
    let multiplier = |frame_rate| {
        let mut film = source(1280, 720);
        film.video.frame_rate = Some(Rational::whole(frame_rate));
        quote(&film).lines[0].multiplier_milli
    };

    assert_eq!([24, 30, 50, 60].map(multiplier), [2000, 2000, 4000, 4000]);
}

#[test]
fn outputs_are_billed_by_the_second_and_for_ten_at_least() {
    let mut film = source(640, 360);
    film.audio.clear();
    for (duration_ms, amount) in [(1, 1250), (9_400, 1250), (9_500, 1375), (10_400, 1375)] {
        (film.duration_ms, film.duration_max_ms) = (duration_ms, duration_ms);
        assert_eq!(
            quote(&film).lines[0].amount_micros,
            MicroDollars(amount),
            "{duration_ms} ms"
        );
    }
}

#[test]
fn fractions_of_a_micro_dollar_are_rounded_up() {
    let table = PriceTable::parse(&SHIPPED.replace("\"value\": 7500", "\"value\": 7")).unwrap();
    let plan = Plan::new(&source(640, 360), LadderPolicy::default());
    assert_eq!(
        table
            .quote(&Plan {
                duration_ms: 9_000,
                duration_max_ms: 9_000,
                ..plan
            })
            .lines[0]
            .amount_micros,
        MicroDollars(2)
    );
}

#[test]
fn portrait_pictures_are_classed_like_landscape_ones() {
    assert_eq!(Resolution::from_size(1080, 1920), Resolution::Hd);
    assert_eq!(Resolution::from_size(1278, 718), Resolution::Sd);
    assert_eq!(Resolution::from_size(1280, 534), Resolution::Hd);
    assert_eq!(Resolution::from_size(1922, 1080), Resolution::Uhd);
}

#[test]
fn a_quote_over_the_budget_is_refused_with_both_amounts() {
    let quote = quote(&source(1280, 720));
    assert_eq!(within_budget(&quote, MicroDollars(48_800)), Ok(()));
    let refused = within_budget(&quote, MicroDollars(40_000)).unwrap_err();
    assert_eq!(refused.error, IngestError::OverBudget);
    assert!(
        refused
            .sentence
            .contains("would cost $0.0488, and the limit for one title is $0.04."),
        "{}",
        refused.sentence
    );
}

#[test]
fn figures_from_aws_make_a_verified_quote() {
    let json = SHIPPED.replace("\"unverified\": true", "\"unverified\": false");
    let table = PriceTable::parse(&json).unwrap();
    assert!(
        !table
            .quote(&Plan::new(&source(1280, 720), LadderPolicy::default()))
            .unverified
    );
}

#[test]
fn the_longest_possible_length_is_quoted() {
    let mut film = source(640, 360);
    (film.duration_ms, film.duration_max_ms) = (1_000, 1_200_000);
    assert_eq!(quote(&film).lines[0].minutes_milli, 20_017);
    film.duration_max_ms = 1_000;
    film.clock_ms = Some(1_200_000);
    assert_eq!(quote(&film).lines[0].minutes_milli, 20_017);
}

proptest! {
    #[test]
    fn no_job_costs_more_than_its_quote(width in 32u32..5000, height in 32u32..3000, duration in 1u64..80_000_000) {
        let mut film = source(width, height);
        (film.duration_ms, film.duration_max_ms) = (duration, duration);
        let plan = Plan::new(&film, LadderPolicy::default());
        let quote = quote(&film);
        let billed = plan.clipping().max_output_ms.div_ceil(1000).max(10);
        prop_assert!(quote.lines.iter().all(|line| line.minutes_milli >= billed * 1000 / 60));
    }

    #[test]
    fn longer_and_larger_never_costs_less(
        width in 32u32..5000, height in 32u32..3000, duration in 1u64..100_000_000, more in 0u64..10_000_000,
    ) {
        let mut film = source(width, height);
        film.duration_ms = duration;
        let short = quote(&film).amount_micros;
        film.duration_ms = duration + more;
        prop_assert!(quote(&film).amount_micros >= short);
    }

    #[test]
    fn lines_add_up(width in 32u32..5000, height in 32u32..3000, duration in 1u64..u64::MAX / 1_000_000) {
        let mut film = source(width, height);
        film.duration_ms = duration;
        let quote = quote(&film);
        prop_assert_eq!(quote.amount_micros, quote.lines.iter().map(|line| line.amount_micros).sum::<MicroDollars>());
        prop_assert!(quote.lines.iter().all(|line| line.amount_micros > MicroDollars::ZERO));
    }
}
