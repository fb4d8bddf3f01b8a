package dev.neurath.model.explorer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers the product's own objects, so that a {@link State} can name them. */
final class Interned<T> {
    private final List<T> byNumber = new ArrayList<>();
    private final Map<T, Integer> numbers = new HashMap<>();

    /** @return from 1 on; 0 stands for none */
    int number(T value) {
        Integer known = numbers.get(value);
        if (known != null) {
            return known;
        }
        byNumber.add(value);
        numbers.put(value, byNumber.size());
        return byNumber.size();
    }

    T get(int number) {
        return byNumber.get(number - 1);
    }

    int size() {
        return byNumber.size();
    }
}
