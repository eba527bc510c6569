// Collections, closures and formatting of Rust's standard library: a map grows
// and shrinks, with a report after each round.
use std::collections::{BTreeMap, HashMap};
use std::thread::sleep;
use std::time::Duration;

fn main() {
    let rounds: u64 = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(6);
    let mut words: HashMap<String, u64> = HashMap::new();
    for round in 0..rounds {
        for i in 0..20_000u64 {
            let word = format!("w{}", i * (round + 7) % 9973);
            *words.entry(word).or_insert(0) += i;
        }
        words.retain(|_, count| *count % 3 != round % 3);
        let sorted: BTreeMap<_, _> = words.iter().collect();
        let sum: u64 = sorted.values().copied().sum();
        println!("round {round}: {} words, sum {sum}", sorted.len());
        sleep(Duration::from_millis(50));
    }
}
