//! Who interacted with which title: a sparse matrix in compressed rows (CSR).

use super::Scalar;

/// Rows of (column, weight), each row sorted by column.
#[derive(Debug, Clone, PartialEq)]
pub struct Interactions<T> {
    columns: usize,
    /// Where each row begins, and the end of the last.
    starts: Vec<usize>,
    indices: Vec<u32>,
    /// `None` when each weighs 1, which saves most of the memory of a large training.
    weights: Option<Vec<T>>,
}

/// The interactions of one person, or with one title.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a, T> {
    /// The titles of a person, or the people of a title.
    pub indices: &'a [u32],
    weights: Option<&'a [T]>,
}

impl<T: Scalar> Row<'_, T> {
    /// The weight of the interaction at a position.
    pub(crate) fn weight(&self, position: usize) -> T {
        self.weights
            .map_or_else(|| T::from_f64(1.0), |weights| weights[position])
    }

    /// The number of interactions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// Index and weight of each.
    pub fn iter(&self) -> impl Iterator<Item = (usize, T)> {
        (0..self.len()).map(|position| (self.indices[position] as usize, self.weight(position)))
    }
}

impl<T: Scalar> Interactions<T> {
    /// From rows of indices below `columns`, each of weight 1.
    #[must_use]
    pub fn from_rows(columns: usize, rows: &[Vec<u32>]) -> Self {
        let mut starts = Vec::with_capacity(rows.len() + 1);
        starts.push(0);
        let mut indices = Vec::with_capacity(rows.iter().map(Vec::len).sum());
        for row in rows {
            let from = indices.len();
            indices.extend_from_slice(row);
            indices[from..].sort_unstable();
            starts.push(indices.len());
        }
        Self {
            columns,
            starts,
            indices,
            weights: None,
        }
    }

    /// From rows of (index below `columns`, weight above 0), no index twice in a row.
    #[must_use]
    pub fn from_weighted_rows(columns: usize, rows: Vec<Vec<(u32, T)>>) -> Self {
        let mut starts = Vec::with_capacity(rows.len() + 1);
        starts.push(0);
        let (mut indices, mut weights) = (Vec::new(), Vec::new());
        for mut row in rows {
            row.sort_unstable_by_key(|&(index, _)| index);
            indices.extend(row.iter().map(|&(index, _)| index));
            weights.extend(row.iter().map(|&(_, weight)| weight));
            starts.push(indices.len());
        }
        Self {
            columns,
            starts,
            indices,
            weights: Some(weights),
        }
    }

    /// From compressed rows: where each begins (and the end of the last), and sorted indices below `columns`.
    #[must_use]
    pub fn from_compressed(columns: usize, starts: Vec<usize>, indices: Vec<u32>) -> Self {
        Self {
            columns,
            starts,
            indices,
            weights: None,
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many columns there are.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many interactions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// One row.
    #[must_use]
    pub fn row(&self, row: usize) -> Row<'_, T> {
        let range = self.starts[row]..self.starts[row + 1];
        Row {
            indices: &self.indices[range.clone()],
            weights: self.weights.as_ref().map(|weights| &weights[range]),
        }
    }

    /// The transposed matrix.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let mut starts = vec![0; self.columns + 1];
        for &index in &self.indices {
            starts[index as usize + 1] += 1;
        }
        for column in 0..self.columns {
            starts[column + 1] += starts[column];
        }

        let mut next = starts.clone();
        let mut indices = vec![0; self.indices.len()];
        let mut weights = self.weights.as_ref().map(|weights| vec![T::default(); weights.len()]);
        for (row, number) in (0..self.rows()).zip(0u32..) {
            for position in self.starts[row]..self.starts[row + 1] {
                let to = &mut next[self.indices[position] as usize];
                indices[*to] = number;
                if let (Some(weights), Some(own)) = (&mut weights, &self.weights) {
                    weights[*to] = own[position];
                }
                *to += 1;
            }
        }
        Self {
            columns: self.rows(),
            starts,
            indices,
            weights,
        }
    }
}
