//! Languages of sound tracks, as MediaConvert names them.

/// `LanguageCode` in MediaConvert's model: ISO 639-2 in capitals.
const CODES: &str = "\
AAR ABK AFR AKA AMH ARA ARG ASM AVA AVE AYM AZE BAK BAM BEL BEN BIH BIS BOD BOS BRE BUL CAT CES CHA CHE CHU \
CHV COR COS CRE CYM DAN DEU DIV DZO ELL ENG ENM EPO EST EUS EWE FAO FAS FIJ FIN FRA FRM FRY FUL GER GLA GLE \
GLG GLV GRN GUJ HAT HAU HEB HER HIN HMO HRV HUN HYE IBO IDO III IKU ILE INA IND IPK ISL ITA JAV JPN KAL KAN \
KAS KAT KAU KAZ KHM KIK KIN KIR KOM KON KOR KUA KUR LAO LAT LAV LIM LIN LIT LTZ LUB LUG MAH MAL MAR MKD MLG \
MLT MON MRI MSA MYA NAU NAV NBL NDE NDO NEP NLD NNO NOB NOR NYA OCI OJI ORI ORJ ORM OSS PAN PLI POL POR PUS \
QAA QPC QUE ROH RON RUN RUS SAG SAN SIN SLK SLV SME SMO SNA SND SOM SOT SPA SQI SRB SRD SRP SSW SUN SWA SWE \
TAH TAM TAT TEL TGK TGL THA TIR TNG TON TSN TSO TUK TUR TWI UIG UKR URD UZB VEN VIE VOL WLN WOL XHO YID YOR \
ZHA ZHO ZUL";

/// Two-letter codes, and the bibliographic ones that Matroska prefers, with MediaConvert's code for the same language.
const OTHERS: [(&str, &str); 33] = [
    ("EN", "ENG"),
    ("DE", "DEU"),
    ("FR", "FRA"),
    ("ES", "SPA"),
    ("IT", "ITA"),
    ("PT", "POR"),
    ("RU", "RUS"),
    ("JA", "JPN"),
    ("KO", "KOR"),
    ("ZH", "ZHO"),
    ("HI", "HIN"),
    ("AR", "ARA"),
    ("NL", "NLD"),
    ("PL", "POL"),
    ("TR", "TUR"),
    ("ALB", "SQI"),
    ("ARM", "HYE"),
    ("BAQ", "EUS"),
    ("BUR", "MYA"),
    ("CHI", "ZHO"),
    ("CZE", "CES"),
    ("DUT", "NLD"),
    ("FRE", "FRA"),
    ("GEO", "KAT"),
    ("GER", "DEU"),
    ("GRE", "ELL"),
    ("ICE", "ISL"),
    ("MAC", "MKD"),
    ("MAY", "MSA"),
    ("PER", "FAS"),
    ("RUM", "RON"),
    ("SLO", "SLK"),
    ("WEL", "CYM"),
];

/// The code to hand to MediaConvert for what a file states (`eng`, `en-US`, `und`); nothing if it states no language
/// that MediaConvert knows.
#[must_use]
pub fn three_letters(stated: &str) -> Option<String> {
    let code = stated.split(['-', '_']).next()?.to_ascii_uppercase();
    let code = OTHERS
        .iter()
        .find(|(other, _)| *other == code)
        .map_or(code.as_str(), |(_, code)| code);
    let known = code.len() == 3 && CODES.split_ascii_whitespace().any(|known| known == code);
    known.then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_three_known_letters() {
        assert!(
            OTHERS
                .iter()
                .all(|(_, code)| three_letters(code).as_deref() == Some(*code))
        );
        assert_eq!(three_letters("ger").as_deref(), Some("DEU"));
        assert_eq!(three_letters("eng").as_deref(), Some("ENG"));
        assert_eq!(three_letters("en-US").as_deref(), Some("ENG"));
        assert_eq!(three_letters("und"), None);
        assert_eq!(three_letters("xyz"), None);
        assert_eq!(three_letters(""), None);
    }
}
