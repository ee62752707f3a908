//! The order of a list.

use serde::{Deserialize, Serialize};

use crate::problem::Rule;

/// The order of a list. Tasks that are equal in it are ordered by their ids, so
/// that every order is total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sort {
    pub(crate) by: By,
    pub(crate) direction: Direction,
}

/// The member that a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum By {
    CreatedAt,
    /// When it was changed, or else created.
    UpdatedAt,
    /// Tasks without a due date sort last in both directions.
    DueDate,
    /// Without regard to capitals.
    Title,
}

/// Up, or with a `-` down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

impl By {
    pub(crate) const ALL: [Self; 4] =
        [Self::CreatedAt, Self::UpdatedAt, Self::DueDate, Self::Title];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::DueDate => "due_date",
            Self::Title => "title",
        }
    }
}

impl Sort {
    pub(crate) const NEWEST_FIRST: Self = Self {
        by: By::CreatedAt,
        direction: Direction::Descending,
    };

    pub(crate) const OLDEST_FIRST: Self = Self {
        by: By::CreatedAt,
        direction: Direction::Ascending,
    };

    /// Reads `sort`.
    pub(crate) fn parse(text: &str) -> Result<Self, Rule> {
        let (name, direction) = match text.strip_prefix('-') {
            Some(name) => (name, Direction::Descending),
            None => (text, Direction::Ascending),
        };
        match By::ALL.into_iter().find(|by| by.name() == name) {
            Some(by) => Ok(Self { by, direction }),
            None => Err(
                "must be one of created_at, updated_at, due_date, title, each with or without a - in front.".into(),
            ),
        }
    }

    /// The values that `sort` takes.
    #[cfg(test)]
    pub(crate) fn names() -> Vec<String> {
        By::ALL
            .into_iter()
            .flat_map(|by| {
                [Direction::Ascending, Direction::Descending]
                    .map(|direction| Self { by, direction }.name())
            })
            .collect()
    }

    pub(crate) fn name(self) -> String {
        match self.direction {
            Direction::Ascending => self.by.name().to_owned(),
            Direction::Descending => format!("-{}", self.by.name()),
        }
    }
}
