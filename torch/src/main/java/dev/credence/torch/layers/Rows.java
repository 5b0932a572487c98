package dev.credence.torch.layers;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** The new tokens of one forward pass: how many, where they stand, and what each of them sees. */
public interface Rows {
    /** How many sequences n. */
    int sequences();

    /** How many new tokens c of each. */
    int tokens();

    /** The position of the first new token. */
    int position();

    /** Whether the new tokens of a sequence follow one another; otherwise they are alternatives at one position. */
    boolean follows();

    /** What a table (context, …) holds for the new tokens' positions: so many rows as broadcast over (n, c). */
    default Tensor atPositions(Tensor table) {
        return table.narrow(0, position(), follows() ? tokens() : 1).unsqueeze(0);
    }

    /** Turns the first heads of (n, c, heads, h) by their positions, in place. */
    void rotate(Tensor projected, long heads);

    /** All keys and values seen (n, 2G, t+c, h), given the new ones (n, 2G, c, h). */
    Tensor seen(int layer, Tensor fresh);

    /** Which of the seen each new token may look at, as numbers to add to the scores (c, t+c); none: all. */
    TensorOptional mask();

    /** Whether each new token sees itself and those before it, and nothing was read before. */
    boolean causal();
}
