package dev.credence.torch.layers;

import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import dev.credence.torch.weights.PackedMatrix;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How fast one thread multiplies rows by weights that do not fit its caches, packed and as they are. Both take turns, and the best
 * of each counts: other work on the machine only ever makes one slower. Packed ones that are wrong have no speed.
 *
 * @param rows how many, of each line
 * @param single (rows) seconds a product in single precision, as libtorch does it and packed; few rows by halves in libtorch, as two
 *     threads have them, each of which reads all weights, where packed ones are shared by columns
 * @param narrow (rows) the same of weights in bfloat16 and rows in single precision, widened block by block and packed
 * @param rounded (rows) the same of such weights and rows
 */
@SuppressWarnings("ArrayRecordComponent")
public record ProductSpeed(int[] rows, double[][] single, double[][] narrow, double[][] rounded) {
    private static final int[] ROWS = {1, 8, 32, 256};
    private static final int FEW = 32; // rows up to which all matrices are multiplied, beyond them one
    private static final int IN = 896;
    private static final int OUT = 4864;
    private static final int MATRICES = 4;
    private static final int TURNS = 5;
    private static final double SAME = 1e-5; // of the largest number

    /**
     * Measures on one of the workers.
     *
     * @param workers of which one works
     * @return the seconds
     */
    public static ProductSpeed measure(Workers workers) {
        return workers.map(
                        1,
                        one -> Native.infer(() -> {
                            List<Matrix[]> single = new ArrayList<>(); // as it is, and packed
                            List<Matrix[]> narrow = new ArrayList<>();
                            List<Matrix[]> rounded = new ArrayList<>();
                            List<PackedMatrix> packed = new ArrayList<>();
                            for (int i = 0; i < MATRICES; i++) {
                                Tensor wide = torch.randn(OUT, IN).mul_(new Scalar(1.0 / Math.sqrt(IN)));
                                Tensor half = wide.to(ScalarType.BFloat16);
                                PackedMatrix wides = kept(PackedMatrix.of(wide, false, workers), packed);
                                single.add(new Matrix[] {
                                    new Matrix.Dense(wide.t()), new PackedProducts(wides, false, workers)
                                });
                                narrow.add(pair(workers, false, half, packed));
                                rounded.add(pair(workers, true, half, packed));
                            }
                            ProductSpeed speed =
                                    new ProductSpeed(ROWS, seconds(single), seconds(narrow), seconds(rounded));
                            packed.forEach(PackedMatrix::release);
                            return speed;
                        }))
                .get(0);
    }

    private static PackedMatrix kept(PackedMatrix made, List<PackedMatrix> all) {
        all.add(made);
        return made;
    }

    private static Matrix[] pair(Workers workers, boolean rounds, Tensor narrow, List<PackedMatrix> all) {
        return new Matrix[] {
            new Matrix.Narrow(new NarrowProducts(workers, rounds), narrow.t()),
            new PackedProducts(kept(PackedMatrix.of(narrow, rounds, workers), all), rounds, workers)
        };
    }

    /** (rows, 2) seconds a product. */
    private static double[][] seconds(List<Matrix[]> matrices) {
        double[][] best = new double[ROWS.length][];
        for (int r = 0; r < ROWS.length; r++) {
            Tensor x = torch.randn(ROWS[r], IN);
            int count = ROWS[r] <= FEW ? matrices.size() : 1;
            boolean halves = ROWS[r] > 1 && ROWS[r] <= FEW;
            best[r] = new double[] {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
            if (!isSame(matrices.get(0), x)) {
                continue; // never faster than what is right
            }
            for (int turn = 0; turn < TURNS; turn++) {
                for (int form = 0; form < best[r].length; form++) {
                    int own = form;
                    long start = System.nanoTime();
                    Native.within(() -> {
                        for (int i = 0; i < count; i++) {
                            Matrix matrix = matrices.get(i)[own];
                            if (halves && matrix instanceof Matrix.Dense) {
                                matrix.of(x.narrow(0, 0, x.size(0) / 2), null);
                                matrix.of(x.narrow(0, x.size(0) / 2, x.size(0) / 2), null);
                            } else {
                                matrix.of(x, null);
                            }
                        }
                    });
                    best[r][form] = Math.min(best[r][form], (System.nanoTime() - start) / 1e9 / count);
                }
            }
        }
        return best;
    }

    /** Whether both make the same of rows, to the rounding of their sums. */
    private static boolean isSame(Matrix[] forms, Tensor x) {
        Tensor right = forms[0].of(x, null);
        Tensor off = forms[1].of(x, null).sub(right).abs().amax();
        return off.item_double() <= SAME * right.abs().amax().item_double(); // false for what is no number
    }

    /** How many times as fast packed ones are: the geometric mean over the numbers of rows; 0 where they are wrong. */
    public static double gain(double[][] seconds) {
        double sum = 0;
        for (double[] pair : seconds) {
            if (!(pair[1] < Double.POSITIVE_INFINITY)) {
                return 0;
            }
            sum += Math.log(pair[0] / pair[1]);
        }
        return Math.exp(sum / seconds.length);
    }
}
