package io.caskade.bitcask.store.merge;

import io.caskade.bitcask.log.LogMerge;
import java.io.IOException;

/// A task on a store's sealed segments: begun by the store's writer, run on another thread, which runs short
/// steps on the writer.
public sealed interface MaintenanceTask permits Merge, ExpiryScan {

    /// Runs a step on the store's writer, and returns when it is done.
    @FunctionalInterface
    interface WriterExecutor {
        /// Runs a short step.
        void run(Step step) throws IOException;
    }

    /// A step of the writer.
    @FunctionalInterface
    interface Step {
        /// Runs the step.
        void run() throws IOException;
    }

    /// Runs to the end; the store must not be closed meanwhile. Blocks. The pacer can cancel it by an
    /// exception.
    ///
    /// @throws io.caskade.bitcask.DamagedLogException when a segment's bytes are not what was written
    /// @throws io.caskade.bitcask.DiskFullException when the disk is full; nothing has changed
    /// @throws IOException when the disk fails; nothing has changed, unless the store is fenced
    void run(WriterExecutor writer, LogMerge.Pacer pacer) throws IOException;
}
