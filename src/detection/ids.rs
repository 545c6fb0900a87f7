//! Pure. Ids, each with its own type, so that they cannot be confused.

ids! {
    /// A pattern of a pack, or a condition that the product itself recognizes.
    PatternId;
    /// A task: its id, or its name if no row has the id.
    TaskId;
    AppId;
    /// One execution of a task, with its retries.
    ExecutionId;
    /// The name of a log, such as `System_Scheduler`.
    LogName;
}
