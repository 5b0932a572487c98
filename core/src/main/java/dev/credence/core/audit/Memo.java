package dev.credence.core.audit;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something about one prompt that does not depend on λ, found when it is first asked for and kept: the overall audit and
 * the prompt's own want the same. Two threads may both find it; they find the same.
 */
class Memo<T> {
    private volatile @Nullable T value;

    /** One that finds it again each time it is asked: of a hundred thousand prompts what is kept would not fit. */
    static <T> Memo<T> keepingNothing() {
        return new Memo<>() {
            @Override
            T get(Supplier<T> found) {
                return found.get();
            }
        };
    }

    T get(Supplier<T> found) {
        T known = value;
        if (known == null) {
            known = found.get();
            value = known;
        }
        return known;
    }
}
