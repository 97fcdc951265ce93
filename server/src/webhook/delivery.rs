//! Sends callbacks: each until it is answered with 200, or given up after days.
