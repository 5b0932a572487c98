package dev.credence.data.rollouts;

import org.jspecify.annotations.Nullable;

/**
 * The records of one chunk, in columns. Cells and groups and sources are numbered by the worker that read the chunk;
 * columns are set to null as soon as they have been moved to the log.
 */
final class RecordBlock {
    /** In a source byte: the record was cut at the horizon. */
    static final int CUT = 0x80;

    final String file;
    final WorkerTables tables;
    final int size;

    /** (records) position in {@code cells}; later the record's position in the log. */
    int[] cell = {};

    /** (cells of this block) the worker's number of each, in order of first appearance. */
    int[] cells = {};

    /** (cells of this block) line of the first appearance. */
    long[] cellLines = {};

    /** (records) lower bits the worker's number of the source, and {@link #CUT}. */
    byte[] source = {};

    /** (rewards, records); empty once moved. */
    double[][] rewards = {};

    double @Nullable [] logPrior;
    double @Nullable [] logPolicy;

    /** (records) or null if no record of the block has one. */
    double @Nullable [] logSource;

    /** (records) or null if a record of the block has none. */
    int @Nullable [] tokens;

    /** (records), NaN where a record has none, or null if no record of the block has one. */
    double @Nullable [] klTokens;

    /** (records) or null if no record of the block has one. */
    int @Nullable [] group;

    /** (records) hashes of the texts. */
    long[] text = {};

    /** Whether a record has a text. */
    boolean hasText;

    /** How draws were thinned, or null if no record of the block says. */
    @Nullable
    ThinningBlock thinning;

    /** Whether a record is of a source other than prior and policy. */
    boolean others;

    /** The worker's number of a record's source. */
    int source(int record) {
        return source[record] & ~CUT & 0xff;
    }

    RecordBlock(String file, WorkerTables tables, int size) {
        this.file = file;
        this.tables = tables;
        this.size = size;
    }
}
