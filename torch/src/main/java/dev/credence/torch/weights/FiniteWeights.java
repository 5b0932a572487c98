package dev.credence.torch.weights;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.architecture.StoredTensor;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Weights are looked at once, when they are read: attention hides a row that is not a number behind its mask, and the
 * log-probabilities that come out are finite and wrong.
 */
final class FiniteWeights {
    private FiniteWeights() {}

    /** Whether all numbers are finite; one pass without a copy. */
    static boolean are(Tensor tensor) {
        if (tensor.numel() == 0) {
            return true;
        }
        T_TensorTensor_T ends = torch.aminmax(tensor);
        return Double.isFinite(ends.get0().item().toDouble())
                && Double.isFinite(ends.get1().item().toDouble());
    }

    /** Refuses a stored tensor that holds another number. */
    static void check(StoredTensor stored, Tensor tensor) {
        if (are(tensor)) {
            return;
        }
        Tensor broken = torch.isfinite(tensor).logical_not().reshape(-1);
        long at = torch.argmax(broken.to(torch.ScalarType.Byte), new LongOptional(), false)
                .item()
                .toLong();
        double value = tensor.reshape(-1).narrow(0, at, 1).item().toDouble();
        StringBuilder place = new StringBuilder();
        long rest = at;
        for (int axis = stored.shape().length - 1; axis >= 0; axis--) {
            place.insert(0, (axis == 0 ? "" : ", ") + rest % stored.shape()[axis]);
            rest /= stored.shape()[axis];
        }
        throw new InputException(
                stored.file(),
                0,
                stored.name(),
                value + " at [" + place + "]",
                "a weight is a finite number; the file is damaged, or its training diverged");
    }
}
