//! For `make bench-recommender`: factorises a matrix from a file and prints the time that it took.
//!
//! `factorize MATRIX FACTORS DIMENSIONS ITERATIONS UNOBSERVED_WEIGHT REGULARIZATION FREQUENCY_EXPONENT`
//!
//! The matrix file has little-endian u32: the numbers of people and titles, the start of each person and the end of the last,
//! and the sorted indices of their titles. The factors file has f32, people first.

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::{BufWriter, Read as _, Write as _},
    time::Instant,
};

use marquee_recommender::als::{Hyperparameters, Interactions, factorise};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [
        matrix,
        factors,
        dimensions,
        iterations,
        unobserved_weight,
        regularization,
        frequency_exponent,
    ] = arguments.as_slice()
    else {
        return Err("expected seven arguments, see the documentation of this example".into());
    };
    let hyperparameters = Hyperparameters {
        dimensions: dimensions.parse()?,
        iterations: iterations.parse()?,
        unobserved_weight: unobserved_weight.parse()?,
        regularization: regularization.parse()?,
        frequency_exponent: frequency_exponent.parse()?,
        initial_spread: 0.1,
        seed: 1,
    };
    let interactions = read(matrix)?;

    let started = Instant::now();
    let factorization = factorise(&interactions, hyperparameters);
    let seconds = started.elapsed().as_secs_f64();

    let mut out = BufWriter::new(File::create(factors)?);
    for table in [&factorization.people, &factorization.titles] {
        for number in (0..table.rows()).flat_map(|row| table.row(row)) {
            out.write_all(&number.to_le_bytes())?;
        }
    }
    out.flush()?;
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    println!("{seconds} {}", peak.trim().trim_end_matches(" kB"));
    Ok(())
}

/// Reads in pieces, so that the file is never in memory twice.
fn read(path: &str) -> Result<Interactions<f32>, Box<dyn Error>> {
    let mut file = File::open(path)?;
    let mut numbers = |count: usize| -> Result<Vec<u32>, Box<dyn Error>> {
        let mut numbers = vec![0u32; count];
        file.read_exact(bytemuck::cast_slice_mut(&mut numbers))?;
        Ok(numbers)
    };
    let head = numbers(2)?;
    let starts: Vec<usize> = numbers(head[0] as usize + 1)?
        .into_iter()
        .map(|start| start as usize)
        .collect();
    let indices = numbers(starts.last().copied().unwrap_or_default())?;
    Ok(Interactions::from_compressed(head[1] as usize, starts, indices))
}
