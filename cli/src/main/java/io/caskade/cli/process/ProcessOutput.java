package io.caskade.cli.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A standard stream of this process. Its failures are [OutputException]s, so that they are told from those of
/// the disk and the network.
public final class ProcessOutput extends OutputStream {

    @FunctionalInterface
    private interface StreamAction {
        void run() throws IOException;
    }

    private final OutputStream stream;
    private final Path descriptor;

    /// @param descriptor what the stream is, on systems that show it: a link such as `/proc/self/fd/1`
    public ProcessOutput(OutputStream stream, Path descriptor) {
        this.stream = stream;
        this.descriptor = descriptor;
    }

    @Override
    public void write(int b) throws IOException {
        perform(() -> stream.write(b));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        perform(() -> stream.write(bytes, offset, length));
    }

    @Override
    public void flush() throws IOException {
        perform(stream::flush);
    }

    private void perform(StreamAction action) throws IOException {
        try {
            action.run();
        } catch (IOException e) {
            throw new OutputException(e, isReaderGone(e));
        }
    }

    /// A pipe or socket fails only when its reader is gone. The message says so in the machine's language, and
    /// is asked only where the system does not show what the stream is.
    private boolean isReaderGone(IOException failure) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("pipe:") || target.startsWith("socket:");
        } catch (IOException | UnsupportedOperationException _) {
            return String.valueOf(failure.getMessage()).contains("Broken pipe");
        }
    }
}
