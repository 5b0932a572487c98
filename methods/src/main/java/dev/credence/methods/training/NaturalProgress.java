package dev.credence.methods.training;

import dev.credence.core.training.SavedState;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * How far natural-gradient steps came, as it is kept with a run.
 *
 * @param steps taken
 * @param modelCalls texts that were computed
 * @param reached whether the KL that was asked for is
 */
record NaturalProgress(long steps, long modelCalls, boolean reached) {
    void save(String name, OutputStream out) throws IOException {
        SavedState.of(name)
                .wholes("steps", steps)
                .wholes("model-calls", modelCalls)
                .wholes("reached", reached ? 1 : 0)
                .write(out);
    }

    static NaturalProgress read(String name, InputStream in) throws IOException {
        SavedState state = SavedState.read(in, name);
        return new NaturalProgress(state.whole("steps"), state.whole("model-calls"), state.whole("reached") != 0);
    }
}
