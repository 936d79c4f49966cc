package io.siltstone.cli.history;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Stdout as it is written to by a command whose reader may have had enough before the end, as {@code head} has: that is
 * told from any other failure, such as a full disk. Confined to one thread.
 */
final class PipeOutput extends FilterOutputStream {
    private static final String BROKEN_PIPE = "Broken pipe";

    PipeOutput(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    /**
     * Writes all of them.
     *
     * @throws ReaderGoneException if nobody reads any more
     */
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            if (BROKEN_PIPE.equals(e.getMessage())) {
                throw new ReaderGoneException(e);
            }
            throw e;
        }
    }

    /** Nobody reads any more. */
    static final class ReaderGoneException extends IOException {
        private static final long serialVersionUID = 1L;

        ReaderGoneException(IOException cause) {
            super(cause);
        }
    }
}
