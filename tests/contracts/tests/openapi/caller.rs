//! Who may call a route: read from the permission matrix, which `tests/scenarios` sends to a running Marquee.

use runtime::http::testing::Operation;

pub(crate) const MATRIX: &str = include_str!("../../permissions.tsv");

/// Who may call a route.
#[derive(Clone, Copy)]
pub(crate) enum Caller {
    Anyone,
    Viewers,
    ViewersOfTheTitle,
    WatchersOfTheTitle,
    Creators,
    OwnerAndAdmins,
    Owner,
    Admins,
}

impl Caller {
    pub(crate) fn from_matrix(operation: &Operation) -> Self {
        if !operation.signed_in {
            return Self::Anyone;
        }
        let (method, route) = (operation.method.as_str(), operation.route.as_str());
        let rows = MATRIX.lines().map(|row| row.split('\t').collect::<Vec<_>>());
        let rows: Vec<Vec<&str>> = rows.filter(|row| row[..2] == [method, route]).collect();
        // A caller who may see a title, but not watch it, gets a 409 (ADR 35).
        let is_watched = rows.iter().any(|row| row.contains(&"409"));
        let rows: Vec<[bool; 4]> = rows.iter().map(|row| admitted(row)).collect();
        let [viewer, creator, owner, admin] = [0, 1, 2, 3].map(|actor| rows.iter().any(|row| row[actor]));

        match (viewer, creator, owner, admin) {
            (true, ..) if rows.iter().all(|row| row[0]) => Self::Viewers,
            (true, ..) if is_watched => Self::WatchersOfTheTitle,
            (true, ..) => Self::ViewersOfTheTitle,
            (_, true, ..) => Self::Creators,
            (_, _, true, true) => Self::OwnerAndAdmins,
            (_, _, true, false) => Self::Owner,
            (_, _, false, true) => Self::Admins,
            _ => panic!("tests/contracts/permissions.tsv admits no caller to {method} {route}"),
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::Viewers => "viewers",
            Self::ViewersOfTheTitle => "viewers who may see the title",
            Self::WatchersOfTheTitle => "viewers who may watch the title",
            Self::Creators => "creators",
            Self::OwnerAndAdmins => "owner, admins",
            Self::Owner => "owner",
            Self::Admins => "admins",
        }
    }

    /// The group of the user pool that a token names.
    pub(crate) const fn group(self) -> Option<&'static str> {
        match self {
            Self::Anyone | Self::Viewers | Self::ViewersOfTheTitle | Self::WatchersOfTheTitle => None,
            Self::Creators | Self::OwnerAndAdmins | Self::Owner => Some("creator"),
            Self::Admins => Some("admin"),
        }
    }
}

/// Whether a row of the matrix admits a viewer, a creator, the owner and an admin. A 404 is a refusal if another caller finds the title.
fn admitted(row: &[&str]) -> [bool; 4] {
    let statuses = [row[5], row[6], row[7], row[8]];
    let is_found = statuses.iter().any(|status| !["403", "404"].contains(status));

    statuses.map(|status| status != "403" && (status != "404" || !is_found))
}
