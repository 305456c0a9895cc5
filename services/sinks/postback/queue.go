package postback

// queue is first in, first out. Its zero value is empty.
type queue[T any] struct {
	items []T
	head  int
}

func (q *queue[T]) len() int { return len(q.items) - q.head }

func (q *queue[T]) push(item T) {
	if q.head > 0 && 2*q.head >= len(q.items) && len(q.items) == cap(q.items) {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, item)
}

// oldest is the item at the head; false when there is none.
func (q *queue[T]) oldest() (item T, ok bool) {
	if q.len() == 0 {
		return item, false
	}
	return q.items[q.head], true
}

func (q *queue[T]) pop() (item T, ok bool) {
	item, ok = q.oldest()
	if !ok {
		return item, false
	}
	var none T
	q.items[q.head] = none
	if q.head++; q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
	return item, true
}

// drain takes all items.
func (q *queue[T]) drain() []T {
	items := q.items[q.head:]
	q.items, q.head = nil, 0
	return items
}
