//! I/O. Looks at this machine: where services and gauges are read.
