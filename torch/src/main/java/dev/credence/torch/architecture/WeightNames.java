package dev.credence.torch.architecture;

import java.util.List;

/** How a family of checkpoints names and lays out its weights. */
public interface WeightNames {
    /**
     * Where a weight is stored.
     *
     * @param role what it does
     * @param layer its block, from 0; 0 outside the blocks
     * @return its place
     */
    Place place(Role role, int layer);

    /**
     * The place of one weight.
     *
     * @param names stored tensors, one, or one for each part (queries, keys, values; gate, inner), to be stacked by rows
     * @param order of numbers within
     */
    record Place(List<String> names, Order order) {}

    /** Order of the numbers of a stored weight. */
    enum Order {
        /** (out, in), parts one after the other. */
        ROWS,
        /** (in, out): transposed. */
        COLUMNS,
        /** (out, in), each head's query, key and value rows together. */
        BY_HEAD
    }
}
