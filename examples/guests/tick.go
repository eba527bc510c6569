// Goroutines, channels, timers and the garbage collector of Go, in one program:
// workers add up random-looking numbers, and a ticker reports.
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

const workers = 4

func work(rounds int, sums chan<- uint64, done *sync.WaitGroup) {
	defer done.Done()
	state := uint64(rounds)
	for round := 0; round < rounds; round++ {
		numbers := make([]uint64, 1000)
		for i := range numbers {
			state = state*6364136223846793005 + 1442695040888963407
			numbers[i] = state >> 33
		}
		var sum uint64
		for _, number := range numbers {
			sum += number
		}
		sums <- sum
	}
}

func main() {
	rounds := 200
	if len(os.Args) > 1 {
		rounds, _ = strconv.Atoi(os.Args[1])
	}
	sums := make(chan uint64)
	var done sync.WaitGroup
	for i := 0; i < workers; i++ {
		done.Add(1)
		go work(rounds, sums, &done)
	}
	go func() {
		done.Wait()
		close(sums)
	}()
	var total uint64
	count := 0
	for sum := range sums {
		total += sum
		count++
		if count%rounds == 0 {
			fmt.Println(count, "of", workers*rounds)
			time.Sleep(50 * time.Millisecond)
		}
	}
	fmt.Println("total", total)
}
