//! A table of factors: a row of numbers for each person or title.

use rand::{SeedableRng as _, rngs::StdRng};

use super::{Scalar, kernel::BLOCK, memory::Memory};

/// Rows of `dimensions` numbers. In memory each row is padded with zeros to whole registers; the padding stays zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Factors<T: Scalar> {
    rows: usize,
    dimensions: usize,
    numbers: Memory<T>,
}

impl<T: Scalar> Factors<T> {
    /// A table of zeros.
    #[must_use]
    pub fn zero(rows: usize, dimensions: usize) -> Self {
        let numbers = Memory::zero(rows * dimensions.next_multiple_of(BLOCK));
        Self {
            rows,
            dimensions,
            numbers,
        }
    }

    /// Normally distributed with standard deviation `spread / √dimensions`, the same for the same seed.
    #[must_use]
    pub fn random(rows: usize, dimensions: usize, spread: f64, (seed, stream): (u64, u64)) -> Self {
        let mut random = StdRng::seed_from_u64(seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let scale = T::from_f64(spread / super::scalar::to_f64(dimensions).sqrt());
        let mut factors = Self::zero(rows, dimensions);
        for row in factors.numbers.chunks_exact_mut(dimensions.next_multiple_of(BLOCK)) {
            for number in &mut row[..dimensions] {
                *number = T::normal(&mut random) * scale;
            }
        }
        factors
    }

    /// From rows of numbers, one after the other.
    #[must_use]
    pub fn from_rows(dimensions: usize, numbers: &[T]) -> Self {
        let mut factors = Self::zero(numbers.len() / dimensions, dimensions);
        let stride = factors.stride();
        for (to, from) in factors
            .numbers
            .chunks_exact_mut(stride)
            .zip(numbers.chunks_exact(dimensions))
        {
            to[..dimensions].copy_from_slice(from);
        }
        factors
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many numbers a row has.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The numbers of a row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[T] {
        &self.padded(row)[..self.dimensions]
    }

    /// From one row to the next, in numbers.
    pub(super) fn stride(&self) -> usize {
        self.dimensions.next_multiple_of(BLOCK)
    }

    /// A row with its padding.
    pub(super) fn padded(&self, row: usize) -> &[T] {
        let stride = self.stride();
        &self.numbers[row * stride..][..stride]
    }

    /// Some rows with their padding.
    #[expect(clippy::inline_always, reason = "the kernel calls it in its loops")]
    #[inline(always)]
    pub(super) fn some<const ROWS: usize>(&self, indices: &[u32; ROWS]) -> [&[T]; ROWS] {
        let (numbers, stride) = (&*self.numbers, self.stride());
        let mut rows: [&[T]; ROWS] = [&[]; ROWS];
        for (row, &index) in rows.iter_mut().zip(indices) {
            *row = &numbers[index as usize * stride..][..stride];
        }
        rows
    }

    pub(super) fn numbers(&self) -> &[T] {
        &self.numbers
    }

    pub(super) fn numbers_mut(&mut self) -> &mut [T] {
        &mut self.numbers
    }
}
