package dev.credence.app.console;

import dev.credence.core.provenance.Cause;
import java.io.IOError;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serial;
import java.util.Objects;

/**
 * Standard output that tells when it cannot be written: a print stream would keep that to itself, and a result cut by a full
 * disk would pass for a whole one. The first failure is thrown through the print stream, so that work whose results nobody can
 * take ends there.
 */
public final class CheckedOutput extends OutputStream {
    private final OutputStream out;
    private boolean failed;

    /**
     * An output.
     *
     * @param out where to
     */
    public CheckedOutput(OutputStream out) {
        this.out = out;
    }

    /** A result could not be written. No exception: what tries again, or goes on with the next case, must not catch it. */
    public static final class CutError extends IOError {
        @Serial
        private static final long serialVersionUID = 1L;

        private CutError(IOException cause) {
            super(cause);
        }

        @Override
        public String getMessage() {
            return "standard output is cut: " + Cause.of(Objects.requireNonNull(getCause()));
        }
    }

    /** Writes, flushes or closes. */
    private interface Step {
        void take() throws IOException;
    }

    @Override
    public void write(int b) {
        check(() -> out.write(b));
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
        check(() -> out.write(bytes, from, length));
    }

    @Override
    public void flush() {
        check(out::flush);
    }

    @Override
    public void close() {
        check(out::close);
    }

    /** {@return whether something could not be written} */
    public boolean hasFailed() {
        return failed;
    }

    private void check(Step step) {
        if (failed) {
            return; // said once; what is printed on the way out is lost as well
        }
        try {
            step.take();
        } catch (IOException e) {
            failed = true;
            throw new CutError(e);
        }
    }
}
