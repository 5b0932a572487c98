package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import java.io.IOException;

/** Compressed data is broken or cut; the message says where. */
final class PackedDataException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Says where.
     *
     * @param at byte of the stored data, from 0
     * @param part a member or frame, from 1
     * @param from byte at which that part begins
     * @param cause what is wrong, in words
     */
    PackedDataException(long at, int part, long from, String cause) {
        super("compressed data broken or cut at byte " + at + " (" + cause + "; part " + part
                + " of the file begins at byte " + from + ")");
    }

    /**
     * The refusal of the file.
     *
     * @param file its name
     * @param line before which it lies, from 1; 0 where none was read
     */
    InputException refusal(String file, long line) {
        return new InputException(file, line, "", String.valueOf(getMessage()), "the file must be complete");
    }
}
