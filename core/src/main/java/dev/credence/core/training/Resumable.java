package dev.credence.core.training;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A part of a computation whose state is saved, so that a later process goes on to the same bits. */
public interface Resumable {
    /**
     * Writes what a later process needs to go on to the same bits.
     *
     * @param out takes it; not closed
     * @throws IOException if it cannot be written
     */
    void save(OutputStream out) throws IOException;

    /**
     * Takes back what {@link #save} wrote of one of the same shape; reads no byte beyond it.
     *
     * @param in a saved state; not closed
     * @throws IOException if it cannot be read, or is of another shape; nothing is changed then
     */
    void restore(InputStream in) throws IOException;
}
