package dev.credence.torch.architecture;

import dev.credence.torch.architecture.WeightNames.Order;
import dev.credence.torch.architecture.WeightNames.Place;
import java.util.EnumSet;
import java.util.Set;

/** Which weights an architecture has, their sizes, and how their rows are ordered once packed. */
public final class WeightShapes {
    private final Architecture a;

    /**
     * The weights of an architecture.
     *
     * @param architecture its sizes and switches
     */
    public WeightShapes(Architecture architecture) {
        this.a = architecture;
    }

    /** {@return those of the same architecture with a head of its own} */
    public WeightShapes untied() {
        return new WeightShapes(a.untied());
    }

    /** {@return those of the same architecture with a head of one number} */
    public WeightShapes scoring() {
        return new WeightShapes(a.scoring());
    }

    /** {@return the roles of the weights outside the blocks} */
    public Set<Role> outside() {
        Set<Role> roles = EnumSet.of(Role.EMBEDDING, Role.FINAL_NORM);
        addIf(roles, a.rotary() == null, Role.POSITIONS);
        addIf(roles, a.norm().centred(), Role.FINAL_NORM_BIAS);
        addIf(roles, !a.wiring().tiedHead(), Role.HEAD);
        return roles;
    }

    /** {@return the roles of the weights that each block has} */
    public Set<Role> inBlocks() {
        Set<Role> roles = EnumSet.of(
                Role.ATTENTION_NORM,
                Role.ATTENTION_IN,
                Role.ATTENTION_OUT,
                Role.FEED_FORWARD_NORM,
                Role.FEED_FORWARD_IN,
                Role.FEED_FORWARD_OUT);
        addIf(roles, a.norm().centred(), Role.ATTENTION_NORM_BIAS, Role.FEED_FORWARD_NORM_BIAS);
        addIf(roles, a.attention().inputBias(), Role.ATTENTION_IN_BIAS);
        addIf(roles, a.attention().outputBias(), Role.ATTENTION_OUT_BIAS);
        addIf(roles, a.attention().headNorm(), Role.QUERY_NORM, Role.KEY_NORM);
        addIf(roles, a.feedForward().bias(), Role.FEED_FORWARD_IN_BIAS, Role.FEED_FORWARD_OUT_BIAS);
        return roles;
    }

    /**
     * Sizes of a part as stored.
     *
     * @param role what the weight does
     * @param place how its parts are stored
     * @param part which one, from 0
     * @return one size, or two in the order of the file
     */
    public long[] stored(Role role, Place place, int part) {
        long rows = rows(role, place, part);
        long columns = columns(role);
        if (columns == 0) {
            return new long[] {rows};
        }
        return place.order() == Order.COLUMNS ? new long[] {columns, rows} : new long[] {rows, columns};
    }

    /**
     * Rows (out) of a part.
     *
     * @param role what the weight does
     * @param place how its parts are stored
     * @param part which one, from 0
     * @return their number
     */
    public long rows(Role role, Place place, int part) {
        if (place.names().size() > 1) {
            return parts(role)[part];
        }
        long sum = 0;
        for (long rows : parts(role)) {
            sum += rows;
        }
        return sum;
    }

    /**
     * For each packed row the stacked one it is: heads' rows by part instead of by head, rotated pairs side by side. Empty
     * where nothing moves.
     *
     * @param role what the weight does
     * @param order of the rows as stored
     * @return (packed rows) stacked rows
     */
    public int[] rowOrder(Role role, Order order) {
        boolean projection = role == Role.ATTENTION_IN || role == Role.ATTENTION_IN_BIAS;
        boolean headNorm = role == Role.QUERY_NORM || role == Role.KEY_NORM;
        boolean isRotary = a.rotary() != null && (projection || headNorm);
        if (!isRotary && !(projection && order == Order.BY_HEAD)) {
            return new int[0];
        }
        int width = a.attention().headWidth();
        int heads = headNorm ? 1 : a.attention().heads() + 2 * a.attention().keyValueHeads();
        int rotated = headNorm ? 1 : a.attention().heads() + a.attention().keyValueHeads();
        int[] rows = new int[heads * width];
        for (int head = 0; head < heads; head++) {
            int from = order == Order.BY_HEAD && projection ? byHead(head) : head;
            for (int i = 0; i < width; i++) {
                rows[head * width + i] = from * width + (isRotary && head < rotated ? paired(i) : i);
            }
        }
        return rows;
    }

    /** Where the queries, then keys, then values of each head are when stored head by head; every head has its own keys. */
    private int byHead(int head) {
        int heads = a.attention().heads();
        return 3 * (head % heads) + head / heads;
    }

    /** Dimension of a head that stands at a place once the pairs (i, i + half) are neighbours. */
    private int paired(int place) {
        int dimensions = a.rotary() == null ? 0 : a.rotary().dimensions();
        return place < dimensions ? place / 2 + place % 2 * (dimensions / 2) : place;
    }

    private long[] parts(Role role) {
        Architecture.Attention attention = a.attention();
        long queries = (long) attention.heads() * attention.headWidth();
        long keys = (long) attention.keyValueHeads() * attention.headWidth();
        long inner = a.feedForward().width();
        return switch (role) {
            case EMBEDDING -> new long[] {a.vocabulary()};
            case HEAD -> new long[] {a.wiring().head() == Architecture.Head.SCORE ? 1 : a.vocabulary()};
            case POSITIONS -> new long[] {a.context()};
            case ATTENTION_IN, ATTENTION_IN_BIAS -> new long[] {queries, keys, keys};
            case QUERY_NORM, KEY_NORM -> new long[] {attention.headWidth()};
            case FEED_FORWARD_IN, FEED_FORWARD_IN_BIAS ->
                a.feedForward().gated() ? new long[] {inner, inner} : new long[] {inner};
            case ATTENTION_NORM,
                    ATTENTION_NORM_BIAS,
                    ATTENTION_OUT,
                    ATTENTION_OUT_BIAS,
                    FEED_FORWARD_NORM,
                    FEED_FORWARD_NORM_BIAS,
                    FEED_FORWARD_OUT,
                    FEED_FORWARD_OUT_BIAS,
                    FINAL_NORM,
                    FINAL_NORM_BIAS -> new long[] {a.width()};
        };
    }

    /** Columns (in); 0 for a vector. */
    private long columns(Role role) {
        return switch (role) {
            case EMBEDDING, HEAD, POSITIONS, ATTENTION_IN, FEED_FORWARD_IN -> a.width();
            case ATTENTION_OUT -> (long) a.attention().heads() * a.attention().headWidth();
            case FEED_FORWARD_OUT -> a.feedForward().width();
            default -> 0;
        };
    }

    private static void addIf(Set<Role> roles, boolean present, Role... more) {
        if (present) {
            roles.addAll(Set.of(more));
        }
    }
}
