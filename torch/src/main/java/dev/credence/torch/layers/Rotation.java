package dev.credence.torch.layers;

import dev.credence.torch.architecture.Architecture;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.WeightShapes;
import dev.credence.torch.tensors.Native;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Turns pairs of numbers by position × frequency. The pairs are neighbours (see {@link WeightShapes#rowOrder}), so that a
 * turn is one complex product.
 */
public final class Rotation implements AutoCloseable {
    private final Tensor turns; // (context, pairs), complex, of modulus the scaling's stretch, which is 1 but for YaRN
    private final long pairs;

    Rotation(Architecture.Rotary rotary, int context, Precision precision) {
        this.pairs = rotary.dimensions() / 2;
        this.turns = Native.infer(() -> {
            Tensor positions =
                    Native.doubles(IntStream.range(0, context).asDoubleStream().toArray(), context);
            Tensor angles = torch.outer(positions, Native.doubles(rotary.frequencies(), pairs));
            Tensor stretch = torch.full_like(angles, new Scalar(rotary.scaling().stretch()));
            Tensor exact = torch.polar(stretch, angles);
            Tensor made = precision == Precision.FLOAT64 ? exact : exact.to(ScalarType.ComplexFloat);
            made.retainReference();
            return made;
        });
    }

    /** In place: the first heads of (n, c, heads, h); c positions that follow each other, or all the same one. */
    public void turn(Tensor projected, long heads, int position, boolean follows) {
        Tensor rotated = projected.narrow(2, 0, heads).narrow(3, 0, 2 * pairs).unflatten(3, pairs, 2);
        long positions = follows ? projected.size(1) : 1;
        torch.view_as_complex(rotated).mul_(turns.narrow(0, position, positions).view(1, positions, 1, pairs));
    }

    /** In place: the first heads of (n, c, heads, h), each by the position of its row. */
    public void turn(Tensor projected, long heads, Rows rows) {
        Tensor rotated = projected.narrow(2, 0, heads).narrow(3, 0, 2 * pairs).unflatten(3, pairs, 2);
        torch.view_as_complex(rotated).mul_(rows.atPositions(turns).unsqueeze(2));
    }

    /**
     * In place: the derivative of turning the first heads of (n, c, heads, h), c positions from 0 on: turned the other way,
     * with the same stretch.
     */
    public void turnBack(Tensor projected, long heads) {
        Tensor rotated = projected.narrow(2, 0, heads).narrow(3, 0, 2 * pairs).unflatten(3, pairs, 2);
        long positions = projected.size(1);
        torch.view_as_complex(rotated)
                .mul_(turns.narrow(0, 0, positions).view(1, positions, 1, pairs).conj());
    }

    @Override
    public void close() {
        turns.releaseReference();
    }
}
