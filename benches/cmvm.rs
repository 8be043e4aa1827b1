//! The constant-matrix solver beside another one, matrix by matrix.
use std::io::BufRead;
use trigforge::lower::arith::cmvm::*;
use trigforge::numeric::interval::Interval;
fn main() {
    let path = std::env::var("REF").unwrap_or("/work/cmvm-ref/ref.txt".into());
    let only = std::env::args().nth(1).unwrap_or_default();
    let lines: Vec<String> = std::io::BufReader::new(std::fs::File::open(path).unwrap())
        .lines()
        .map(Result::unwrap)
        .collect();
    let mut i = 0;
    let (mut logsum, mut rows) = (0.0, 0);
    let (mut t_us, mut t_them) = (0.0, 0.0);
    while i < lines.len() {
        let f: Vec<&str> = lines[i].split(' ').collect();
        let (name, n, m): (&str, usize, usize) =
            (f[1], f[2].parse().unwrap(), f[3].parse().unwrap());
        let matrix: Vec<i64> = lines[i + 1..i + 1 + n]
            .iter()
            .flat_map(|l| l.split(' ').map(|v| v.parse().unwrap()).collect::<Vec<i64>>())
            .collect();
        i += 1 + n;
        while i < lines.len() && lines[i].starts_with("da4ml") {
            let g: Vec<f64> = lines[i].split(' ').skip(1).map(|v| v.parse().unwrap()).collect();
            i += 1;
            if !only.is_empty() && !only.split(',').any(|o| format!("{name}@{}", g[0]).contains(o))
            {
                continue;
            }
            let problem = Problem {
                inputs: vec![ProblemInput { range: Interval::new(-128, 127, 0), arrival: 0 }; n],
                outputs: m,
                matrix: matrix.clone(),
                extra_depth: (g[0] >= 0.0).then_some(g[0] as u32),
                latest: None,
                search: Search {
                    effort: match std::env::var("EFFORT").as_deref() {
                        Ok("fast") => Effort::Fast,
                        Ok("best") => Effort::Best,
                        _ => Effort::Default,
                    },
                    seed: std::env::var("SEED").ok().and_then(|v| v.parse().ok()).unwrap_or(0),
                },
            };
            let t = cpu();
            let s = solve::solve(&problem).unwrap();
            let t = cpu() - t;
            let (c, d) = (s.cost(&problem), s.depth(&problem));
            let (c, g2) = (c, g[2] + g.get(6).copied().unwrap_or(0.0));
            let neg = s.outputs.iter().flatten().filter(|o| o.negate).count();
            logsum += (c as f64 / g2).ln();
            rows += 1;
            t_us += t;
            t_them += g[4];
            println!(
                "{name:14} dc {:2} | da4ml {:5} {:6} d{:2} {:8.4}s | ours {:5} {:6} d{:2} {:8.4}s neg {neg} | {:.3} {}",
                g[0],
                g[1],
                g2,
                g[3],
                g[4],
                s.sums.len(),
                c,
                d,
                t,
                c as f64 / g2,
                if c as f64 > g2 {
                    "WORSE"
                } else if f64::from(d) > g[3] && g[0] >= 0.0 {
                    "deeper"
                } else {
                    ""
                }
            );
        }
    }
    println!(
        "geometric mean {:.4} over {rows}, time {t_us:.2} vs {t_them:.2}",
        (logsum / rows as f64).exp()
    );
}

fn cpu() -> f64 {
    let mut total = 0.0;
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        let text = std::fs::read_to_string(task.unwrap().path().join("schedstat")).unwrap();
        total += text.split(' ').next().unwrap().parse::<f64>().unwrap();
    }
    total * 1e-9
}
