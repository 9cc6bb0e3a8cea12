package io.caskade.cli;

import java.io.IOException;
import java.util.OptionalInt;

/// Where answers go. Each call writes all of it and flushes.
interface Output {

    /// Prints an answer. Reading a listing on may throw [io.caskade.client.CaskadeException] after a part of it was
    /// printed.
    void answer(Answer answer) throws IOException;

    /// Prints how far a command is that takes its time, for people.
    void progress(String text);

    /// Prints why there is none.
    ///
    /// @param line the number of the script's line, from 1; empty outside of scripts
    void failure(Failure failure, OptionalInt line) throws IOException;
}
