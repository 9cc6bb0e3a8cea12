package io.caskade.cli.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A standard stream of this process. Its failures are [OutputException]s, so that they are told from those of
/// the disk and the network.
public final class ProcessOutput extends OutputStream {

    private final OutputStream stream;
    private final Path descriptor;

    /// @param descriptor what the stream is, on systems that show it: a link such as `/proc/self/fd/1`
    public ProcessOutput(OutputStream stream, Path descriptor) {
        this.stream = stream;
        this.descriptor = descriptor;
    }

    @Override
    public void write(int b) throws IOException {
        try {
            stream.write(b);
        } catch (IOException e) {
            throw new OutputException(e, isReaderGone(e));
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            stream.write(bytes, offset, length);
        } catch (IOException e) {
            throw new OutputException(e, isReaderGone(e));
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            stream.flush();
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
