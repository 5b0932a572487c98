package dev.credence.lab.rollouts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.data.rollouts.ContractRecords;
import dev.credence.data.rollouts.FieldMap;

/** Gives the fields of other tools' records the contract's names. */
final class ContractNames {
    private ContractNames() {}

    /**
     * Copies what a log keeps elsewhere.
     *
     * @param record changed in place
     * @param fields where the log keeps its fields
     */
    static void give(ObjectNode record, FieldMap fields) {
        ContractRecords.give(record, fields);
    }
}
