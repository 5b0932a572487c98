package dev.credence.torch.weights;

import dev.credence.torch.architecture.Role;
import dev.credence.torch.architecture.WeightNames.Order;
import dev.credence.torch.architecture.WeightNames.Place;
import dev.credence.torch.architecture.WeightShapes;
import dev.credence.torch.tensors.Native;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * Where a stored weight is among the packed ones.
 *
 * @param role of the packed weight
 * @param layer its block
 * @param from first of its rows
 * @param rows how many
 * @param order (rows) for each packed row the stored one, from 0; empty where nothing moves
 * @param transposed whether files keep it (in, out)
 */
public record WeightPart(Role role, int layer, long from, long rows, int[] order, boolean transposed) {
    static WeightPart of(WeightShapes shapes, Role role, int layer, Place place, int index) {
        long from = 0;
        for (int before = 0; before < index; before++) {
            from += shapes.rows(role, place, before);
        }
        long rows = shapes.rows(role, place, index);
        int[] all = shapes.rowOrder(role, place.order());
        int[] own = all.length == 0 ? all : Arrays.copyOfRange(all, (int) from, (int) (from + rows));
        for (int i = 0; i < own.length; i++) {
            own[i] -= (int) from; // rows move within a head, so that a part keeps its place
        }
        return new WeightPart(role, layer, from, rows, own, place.order() == Order.COLUMNS);
    }

    /** Rows (rows, r) in packed order. */
    Tensor pack(Tensor stored) {
        return order.length == 0 ? stored : stored.index_select(0, Native.ids(order, order.length));
    }

    /** Rows (rows, r) in stored order. */
    Tensor unpack(Tensor packed) {
        if (order.length == 0) {
            return packed;
        }
        int[] inverse = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            inverse[order[i]] = i;
        }
        return packed.index_select(0, Native.ids(inverse, inverse.length));
    }
}
