package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.log.LogMerge;
import java.io.IOException;

/// A task on a store's sealed segments: begun by the store's writer, run on another thread, which asks the
/// writer for short steps.
public sealed interface MaintenanceTask permits Merge, ExpiryScan {

    /// Does something as the store's writer, between its other work, and returns when it is done.
    @FunctionalInterface
    interface WriterExecutor {
        /// Runs a step, which is short.
        void run(Step step) throws IOException;
    }

    /// Something the writer does.
    @FunctionalInterface
    interface Step {
        /// Does it.
        void run() throws IOException;
    }

    /// Runs to the end; the store must not be closed meanwhile. Blocks. It can be given up by an exception
    /// that the pacer throws.
    ///
    /// @throws io.caskade.bitcask.DamagedLogException when a segment's bytes are not what was written
    /// @throws io.caskade.bitcask.DiskFullException when there is no room; all is as it was
    /// @throws IOException when the disk fails; all is as it was, unless the store is fenced
    void run(WriterExecutor writer, LogMerge.Pacer pacer) throws IOException;
}
