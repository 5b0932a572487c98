package dev.credence.torch.layers;

import dev.credence.torch.weights.LowRank;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The rows of a table, with what adapters add. An adapter's factors are those of the table as it is stored, (V, r) and
 * (r, d): of a token's row the first factor's own row is read, not multiplied.
 *
 * @param table (V, d)
 * @param added by adapters; empty without
 */
public record Embedding(Tensor table, List<LowRank> added) {
    /** Ids (n) to rows (n, d), as a new tensor. */
    public Tensor rows(Tensor ids) {
        Tensor stored = torch.embedding(table, ids);
        Tensor rows = NarrowProducts.isNarrow(table) ? stored.to(ScalarType.Float) : stored;
        for (LowRank low : added) {
            Tensor inner = torch.embedding(low.up(), ids); // (n, r)
            rows.addmm_(inner, low.down(), new Scalar(1.0), new Scalar(low.scale()));
        }
        return rows;
    }
}
