package dev.credence.lab.rollouts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.data.rollouts.RawRecords;

/** Which records of a file are read, and what their writer left out. */
@FunctionalInterface
public interface RecordChoice {
    /** All of them, as they are. */
    RecordChoice ALL = (record, source) -> true;

    /**
     * Whether a record is read.
     *
     * @param record with the contract's names; may be changed
     * @param source where it was read, for errors
     * @return false if it is passed over
     */
    boolean takes(ObjectNode record, RawRecords source);

    /** {@return whether texts were written down without special tokens} */
    default boolean leavesOutMarks() {
        return false;
    }
}
