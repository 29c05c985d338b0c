//! Memory for large tables of numbers.

use std::{
    alloc::{Layout, handle_alloc_error},
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

use memmap2::MmapMut;

use super::Scalar;

/// Numbers that begin at a page boundary, so that a row of whole registers touches no more cache lines than necessary. They
/// are in huge pages where the kernel has any, so that reading scattered rows does not wait for page tables.
pub(super) struct Memory<T> {
    map: MmapMut,
    count: usize,
    numbers: PhantomData<T>,
}

impl<T: Scalar> Memory<T> {
    /// All zero.
    pub(super) fn zero(count: usize) -> Self {
        let bytes = (count * size_of::<T>()).max(1);
        let map = MmapMut::map_anon(bytes).unwrap_or_else(|_| handle_alloc_error(Layout::new::<T>()));
        #[cfg(target_os = "linux")]
        // Without huge pages it is only slower.
        let _ = map.advise(memmap2::Advice::HugePage);
        Self {
            map,
            count,
            numbers: PhantomData,
        }
    }
}

impl<T: Scalar> Deref for Memory<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        bytemuck::cast_slice(&self.map[..self.count * size_of::<T>()])
    }
}

impl<T: Scalar> DerefMut for Memory<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(&mut self.map[..self.count * size_of::<T>()])
    }
}

impl<T: Scalar> Clone for Memory<T> {
    fn clone(&self) -> Self {
        let mut copy = Self::zero(self.count);
        copy.copy_from_slice(self);
        copy
    }
}

impl<T: Scalar> PartialEq for Memory<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Scalar> fmt::Debug for Memory<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}
