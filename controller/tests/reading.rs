//! The program as people run it, over a journal on this disk: as itself, and as a plugin of kubectl.

#[cfg(test)]
mod reading {
    mod program;
}
