package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What records say of thinning, put together: with which probability a draw of prior and of policy with a record's reward was
 * kept, and how many were drawn. A record with one number says it of its own source; of the other source it is read off that
 * source's records with the same reward, and is 1 where there is none.
 *
 * <p>Of several rewards it is not said on which one keeping depends: the one, or else all together, that the records do not
 * contradict and that leaves the fewest unread.
 */
final class ThinnedDraws {
    /** Sources with draws: prior, policy. */
    private static final int SIDES = 2;

    private final List<RecordBlock> blocks;
    private final LogCells cells;
    private final int[] cellOf;
    private final int rewards;

    private ThinnedDraws(List<RecordBlock> blocks, LogCells cells, int rewards) {
        this.blocks = blocks;
        this.cells = cells;
        this.rewards = rewards;
        this.cellOf = new int[blocks.stream().mapToInt(block -> block.size).sum()];
        List<LogCells.Cell> all = cells.all();
        for (int c = 0; c < all.size(); c++) {
            LogCells.Cell cell = all.get(c);
            Arrays.fill(cellOf, cell.from, cell.from + cell.count, c);
        }
    }

    /**
     * What was kept and drawn; every array in the order of the log.
     *
     * @param prior (records) with which a draw of the prior was kept
     * @param policy (records) with which a draw of the policy was kept
     * @param draws (cells) how many were drawn
     * @param by positions of the rewards that keeping depends on
     * @param assumed records of which one of the two was not told and taken to be 1 although that source was thinned
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Result(double[] prior, double[] policy, RolloutLog.Draws[] draws, List<Integer> by, long assumed) {}

    /**
     * Puts together what the blocks say, before their columns are moved.
     *
     * @param blocks in the order of the input
     * @param cells where the records go
     * @param rewards how many of the rewards, from the first, keeping may depend on
     * @param complete whether every record of the input is there: then those of a source that was not thinned are all its draws
     * @return null if no record says anything
     */
    static @Nullable Result of(List<RecordBlock> blocks, LogCells cells, int rewards, boolean complete) {
        if (blocks.stream().allMatch(block -> block.thinning == null)) {
            return null;
        }
        return new ThinnedDraws(blocks, cells, rewards).result(complete);
    }

    private Result result(boolean complete) {
        Table best = tables().stream()
                .min(Comparator.<Table>comparingInt(table -> table.conflict == null ? 0 : 1)
                        .thenComparingLong(table -> table.conflict == null ? table.unread() : 0))
                .orElseThrow();
        if (best.conflict != null) {
            throw best.conflict;
        }
        double[][] kept = new double[SIDES][cellOf.length];
        best.fill(kept);
        List<Integer> by = Arrays.stream(best.columns).boxed().toList();
        return new Result(kept[0], kept[1], draws(kept, complete), by, best.unread());
    }

    private List<Table> tables() {
        List<Table> tables = new ArrayList<>();
        for (int k = 0; k < rewards; k++) {
            tables.add(new Table(new int[] {k}));
        }
        if (rewards > 1) {
            tables.add(new Table(IntStream.range(0, rewards).toArray()));
        }
        return tables;
    }

    /** A reward of one prompt, of one side. */
    private record Level(int cell, int side, List<Double> reward) {}

    /** The probabilities by level, if keeping depends on some of the rewards. */
    private final class Table {
        private final int[] columns;
        private final Map<Level, Double> kept = new HashMap<>();
        private final boolean[][] thinned = new boolean[SIDES][cells.all().size()];
        private @Nullable InputException conflict;
        private long unread = -1;

        Table(int[] columns) {
            this.columns = columns;
            for (RecordBlock block : blocks) {
                for (int j = 0; j < block.size && conflict == null; j++) {
                    read(block, j);
                }
            }
        }

        private Level level(RecordBlock block, int j, int side) {
            List<Double> reward = new ArrayList<>(columns.length);
            for (int column : columns) {
                reward.add(block.rewards[column][j] + 0.0); // −0 is 0
            }
            return new Level(cellOf[block.cell[j]], side, reward);
        }

        private void read(RecordBlock block, int j) {
            for (int side = 0; side < SIDES; side++) {
                double said = said(block, j, side);
                if (!Double.isNaN(said)) {
                    Double earlier = kept.putIfAbsent(level(block, j, side), said);
                    thinned[side][cellOf[block.cell[j]]] |= said < 1;
                    if (earlier != null && earlier != said && conflict == null) {
                        conflict = contradiction(block, j, side, said, earlier);
                    }
                }
            }
        }

        private InputException contradiction(RecordBlock block, int j, int side, double said, double earlier) {
            String name = side == 0 ? "prior" : "policy";
            boolean missing =
                    block.thinning == null || Double.isNaN(said(block.thinning, j, side, block.source(j) == side));
            String rule = "it depends on the reward alone, and a draw of the " + name
                    + " with the same reward for the same prompt had " + earlier;
            String found = missing ? "missing" : Double.toString(said);
            return new InputException(block.file, line(block, j), Field.KEPT.key(), found, rule);
        }

        /** How many records do not tell of a source, while that source was thinned. */
        long unread() {
            if (unread < 0) {
                unread = 0;
                for (RecordBlock block : blocks) {
                    for (int j = 0; j < block.size; j++) {
                        for (int side = 0; side < SIDES; side++) {
                            boolean told =
                                    !thinned[side][cellOf[block.cell[j]]] || kept.containsKey(level(block, j, side));
                            unread += told ? 0 : 1;
                        }
                    }
                }
            }
            return unread;
        }

        void fill(double[][] into) {
            for (RecordBlock block : blocks) {
                for (int j = 0; j < block.size; j++) {
                    for (int side = 0; side < SIDES; side++) {
                        into[side][block.cell[j]] = kept.getOrDefault(level(block, j, side), 1.0);
                    }
                }
            }
        }
    }

    /** What a record says of a side, a record of that side without a word that it was kept for sure; NaN if nothing. */
    private static double said(RecordBlock block, int j, int side) {
        boolean own = block.source(j) == side;
        double said = block.thinning == null ? Double.NaN : said(block.thinning, j, side, own);
        return own && Double.isNaN(said) ? 1 : said;
    }

    private static double said(ThinningBlock thinning, int j, int side, boolean own) {
        double by = side == 0 ? thinning.prior[j] : thinning.policy[j];
        return own && Double.isNaN(by) ? thinning.kept[j] : by;
    }

    private static long line(RecordBlock block, int j) {
        return block.thinning == null ? 0 : block.thinning.lines[j];
    }

    private RolloutLog.Draws[] draws(double[][] kept, boolean complete) {
        Drawn[][] drawn = new Drawn[cells.all().size()][SIDES];
        for (RecordBlock block : blocks) {
            for (int j = 0; j < block.size; j++) {
                int side = block.source(j);
                if (side < SIDES) {
                    int cell = cellOf[block.cell[j]];
                    if (drawn[cell][side] == null) {
                        drawn[cell][side] = new Drawn(block, j);
                    }
                    Objects.requireNonNull(drawn[cell][side]).add(block, j, kept[side][block.cell[j]]);
                }
            }
        }
        RolloutLog.Draws[] all = new RolloutLog.Draws[drawn.length];
        for (int c = 0; c < all.length; c++) {
            double prior = count(drawn[c][0], complete);
            double policy = count(drawn[c][1], complete);
            all[c] = new RolloutLog.Draws(
                    prior, policy, isEstimated(drawn[c][0], prior), isEstimated(drawn[c][1], policy));
        }
        return all;
    }

    private static boolean isEstimated(@Nullable Drawn drawn, double count) {
        return drawn != null && Double.isNaN(drawn.draws) && !Double.isNaN(count);
    }

    private static double count(@Nullable Drawn drawn, boolean complete) {
        return drawn == null ? Double.NaN : drawn.count(complete);
    }

    /** The draws of one prompt and source. */
    private static final class Drawn {
        private final RecordBlock block;
        private final int first;
        private final double draws;
        private long records;
        private double inverse;
        private boolean told;

        Drawn(RecordBlock block, int first) {
            this.block = block;
            this.first = first;
            this.draws = draws(block, first);
        }

        private static double draws(RecordBlock block, int j) {
            return block.thinning == null ? Double.NaN : block.thinning.draws[j];
        }

        void add(RecordBlock other, int j, double kept) {
            double its = draws(other, j);
            if (Double.compare(its, draws) != 0) {
                String found = Double.isNaN(its) ? "missing" : shown(its);
                String rule = "all records of one prompt and source say how many were drawn, and the first has "
                        + (Double.isNaN(draws) ? "none" : shown(draws));
                throw new InputException(other.file, line(other, j), Field.DRAWS.key(), found, rule);
            }
            records++;
            inverse += 1 / kept;
            ThinningBlock thinning = other.thinning;
            told |= thinning != null && !Double.isNaN(said(thinning, j, other.source(j), true));
        }

        double count(boolean complete) {
            if (Double.isNaN(draws)) {
                return inverse > records ? inverse : Double.NaN;
            }
            if (draws < records) {
                throw bad("they are those kept and those not, and " + records + " records were kept");
            }
            if (!told && draws != records && complete) {
                throw bad("there are " + records + " records, none of which says with what probability it was kept");
            }
            return draws;
        }

        private InputException bad(String rule) {
            return new InputException(block.file, line(block, first), Field.DRAWS.key(), shown(draws), rule);
        }

        private static String shown(double value) {
            return value == Math.rint(value) && value < 1e15 ? Long.toString((long) value) : Double.toString(value);
        }
    }
}
