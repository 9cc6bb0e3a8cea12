package io.caskade.server.cluster;

import java.util.concurrent.CompletionStage;

/// Keeps the settings that all nodes share. Thread-safe; nothing blocks. Stages fail only with
/// [CoordinationException].
public interface SharedSettingsStore {

    /// Stores the proposed settings unless there are some, as in a new cluster, or one that an earlier release
    /// has formed; completes with those that are stored. Keeps trying while ZooKeeper cannot be reached.
    CompletionStage<Versioned<SharedSettings>> seedSettings(SharedSettings proposed);

    /// The stored settings at some time after this call.
    CompletionStage<Versioned<SharedSettings>> readSettings();

    /// Stores other settings if those that are stored have the expected version; completes with whether they
    /// had.
    CompletionStage<Boolean> changeSettings(int expectedVersion, SharedSettings next);
}
